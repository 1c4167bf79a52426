/// One bound that a system must meet: `mounts.completed == 128`, or against a baseline `total.seconds <= 1.25 x baseline`.
public struct Requirement: Equatable, Sendable {
  /// How the value must compare with the bound.
  public enum Comparison: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"

    func holds(_ value: Double, _ bound: Double) -> Bool {
      switch self {
      case .equal: value == bound
      case .unequal: value != bound
      case .atMost: value <= bound
      case .atLeast: value >= bound
      case .below: value < bound
      case .above: value > bound
      }
    }
  }

  /// What is bounded.
  public let metric: Metric
  /// How.
  public let comparison: Comparison
  /// In ``Metric/unit``, or of a ratio a factor.
  public let bound: Double
  /// Whether the bound is a multiple of the baseline's median.
  public let isRatio: Bool

  /// What ``init(_:)`` reads, for messages.
  public static let allowed =
    "METRIC OP NUMBER or METRIC OP NUMBER x baseline, OP one of == != <= >= < > (with a baseline <= >= < >), METRIC one of "
    + Metric.names()

  /// Reads a requirement; nil when the text is none.
  public init?(_ text: String) {
    // The longer signs first: `<=` begins with `<`.
    guard let sign = Comparison.allCases.first(where: { text.contains($0.rawValue) }) else { return nil }
    let halves = Self.split(text, at: sign.rawValue)
    guard halves.count == 2, let metric = Metric.named(Self.trimmed(halves[0])) else { return nil }
    var words = halves[1].split(whereSeparator: \.isWhitespace).map { String($0) }
    isRatio = words.last == "baseline"
    if isRatio {
      words.removeLast()
      if words.last == "x" || words.last == "*" { words.removeLast() }
    }
    guard words.count == 1, let number = words.first, Self.isNumber(number), let bound = Double(number), bound.isFinite
    else { return nil }
    if isRatio && (bound <= 0 || sign == .equal || sign == .unequal) { return nil }
    self.metric = metric
    comparison = sign
    self.bound = bound
  }

  /// As ``init(_:)`` reads it.
  public var text: String {
    "\(metric.name) \(comparison.rawValue) \(Self.decimal(bound))" + (isRatio ? " x baseline" : "")
  }

  /// The number in plain digits, which is all that is read: Swift prints very large and very small numbers with an exponent.
  private static func decimal(_ number: Double) -> String {
    var text = "\(number)"
    if let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) {
      let parts = text[..<mark].split(separator: ".")
      let digits = parts.joined()
      let point = parts[0].count + exponent
      text =
        point <= 0
        ? "0." + String(repeating: "0", count: -point) + digits
        : point >= digits.count
          ? digits + String(repeating: "0", count: point - digits.count)
          : digits.prefix(point) + "." + digits.dropFirst(point)
    }
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Digits with at most one point. `Double` would also take `1e3`, `nan` and `0x10`.
  private static func isNumber(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
  }

  private static func trimmed(_ text: Substring) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func split(_ text: String, at sign: String) -> [Substring] {
    guard let index = text.indices.first(where: { text[$0...].hasPrefix(sign) }) else { return [text[...]] }
    return [text[..<index], text[text.index(index, offsetBy: sign.count)...]]
  }
}
