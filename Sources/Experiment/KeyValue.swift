/// `KEY=VALUE`, parted at its first '='.
public struct KeyValue {
  public let key: String
  public let value: String

  /// nil without a '='.
  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    key = String(text[..<equals])
    value = String(text[text.index(after: equals)...])
  }
}

extension String {
  /// Whether it can stand for a value in a file of the kernel's or in a table: printable ASCII, and some of it.
  var isPrintableASCII: Bool { !isEmpty && utf8.allSatisfy { $0 >= 32 && $0 < 127 } }
}
