/// Names that become file names: of scenarios, of phases, of the kernel's texts.
public enum SafeName {
  static let allowed = "letters, digits, '.', '_' and '-', not '.' first, at most 64 characters"

  /// No slash, no `..`, nothing hidden, nothing that a shell or a terminal takes for more than a name.
  public static func isSafe(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && name.utf8.first != UInt8(ascii: ".") && name.utf8.allSatisfy(isAllowed)
  }

  /// `name` with everything else made a hyphen.
  public static func made(of name: String) -> String {
    let bytes = name.utf8.prefix(64).map { isAllowed($0) ? $0 : UInt8(ascii: "-") }
    let safe = String(decoding: bytes.drop { $0 == UInt8(ascii: ".") }, as: UTF8.self)
    return safe.isEmpty ? "scenario" : safe
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
