/// A quantity of the simulated machine: `watermark.low=510`. What keys there are, and what they may be, the model knows.
public struct ModelSetting: Equatable, Sendable, Codable {
  public let key: String
  public let value: String

  static let form = ValueForm<ModelSetting>(
    valueName: "key=value",
    expected:
      "KEY=VALUE, KEY a parameter of the model such as watermark.low (`failover-bench model --parameters` lists them)"
  ) {
    ModelSetting($0)
  } text: {
    $0.text
  }

  public init?(_ text: String) {
    guard let given = KeyValue(text) else { return nil }
    let letters = given.key.utf8.allSatisfy {
      ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46
    }
    guard !given.key.isEmpty, letters, given.value.isPrintableASCII else { return nil }
    key = given.key
    value = given.value
  }

  public var text: String { "\(key)=\(value)" }
}

extension KeyedEncodingContainer {
  /// Without any, the record is the same as before the model came.
  mutating func encode(_ value: [ModelSetting], forKey key: Key) throws {
    try encodeIfPresent(value.isEmpty ? nil : value, forKey: key)
  }
}

extension KeyedDecodingContainer {
  /// Records written before the model came have none.
  func decode(_ type: [ModelSetting].Type, forKey key: Key) throws -> [ModelSetting] {
    try decodeIfPresent(type, forKey: key) ?? []
  }
}
