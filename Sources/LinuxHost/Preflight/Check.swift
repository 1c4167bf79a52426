/// One thing that a run needs, as it was found.
public struct Check: Equatable, Sendable, Codable {
  public enum Status: String, Codable, Sendable {
    case ok
    /// The run can go on; its figures, or what it can show, are the poorer for it.
    case warning
    /// The run is refused.
    case problem
  }

  /// Stable, for scripts: `capability.sys_admin`, `memory.cgroup`.
  public let name: String
  public let status: Status
  public let detail: String
  /// What to type or to change; empty when there is nothing to mend.
  public let fix: String

  public init(_ name: String, _ status: Status, _ detail: String, fix: String = "") {
    (self.name, self.status, self.detail, self.fix) = (name, status, detail, fix)
  }

  /// What was found where all is well, and else what is wrong and how to mend it.
  init(
    _ name: String, if isWell: Bool, _ found: String, else status: Status, _ problem: String,
    fix: @autoclosure () -> String
  ) {
    if isWell { self.init(name, .ok, found) } else { self.init(name, status, problem, fix: fix()) }
  }

  /// What was found and what to do, in one line.
  public var sentence: String { fix.isEmpty ? detail : "\(detail); fix: \(fix)" }

  /// For people: the status, the name, what was found, and below it what to do.
  public func line() -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    let first = padded(status.rawValue, 9) + padded(name, 26) + detail
    return fix.isEmpty ? first : first + "\n" + padded("", 9) + padded("", 26) + "fix: " + fix
  }
}
