/// The components of a path that are still to be gone through, while symbolic links put others in their place.
struct PathComponents {
  /// The last first.
  private var rest: [Substring]
  private var links = 0
  /// As many as the kernel follows (path_resolution(7)).
  private static let linkLimit = 40

  init(_ path: some StringProtocol) { rest = Self.reversed(Substring(path)) }

  var isEmpty: Bool { rest.isEmpty }

  /// Those that are left, the first first.
  var remaining: [Substring] { rest.reversed() }

  mutating func next() -> Substring? { rest.popLast() }

  /// The target's components come next. False where more links have been followed than the kernel would.
  mutating func follow(_ target: String) -> Bool {
    links += 1
    guard links <= Self.linkLimit else { return false }
    rest += Self.reversed(target[...])
    return true
  }

  private static func reversed(_ path: Substring) -> [Substring] { path.split(separator: "/").reversed() }
}
