public import Foundation

/// The checkout that the tests were built from.
public enum Checkout {
  /// Three levels up from this file, also when the folder with the tests is a link.
  public static let path = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The bytes of a file of the repository, named from its top: "fixtures/proc/6.18/meminfo".
  public static func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// The text of a file of the repository, named from its top.
  public static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}
