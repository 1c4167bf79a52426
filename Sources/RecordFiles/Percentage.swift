/// A share as people write it: `20` and `20%` are the same.
public enum Percentage {
  /// What ``number(_:)`` reads, for messages.
  public static let expected = "a number of per cent above 0, up to 1000, as in 20 or 20%"

  /// The number of per cent; nil for a text that is none, and for one beyond what any option takes.
  public static func number(_ text: String) -> Double? {
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let number = Double(digits), number > 0,
      number <= 1000
    else { return nil }
    return number
  }
}
