import Foundation
import SystemPackage

/// A file of this program that is read back: JSON with a `schema`. What is truncated, foreign, of a later version or not possible gets one
/// line: which file, what is wrong, what to do.
public enum VersionedJSON {
  /// A plan of thousands of points takes some hundred kB.
  private static let limit = 64 << 20

  private struct Header: Decodable { let schema: Int }

  /// - Parameters:
  ///   - what: as in "a sweep's plan".
  ///   - newest: the latest schema that this version knows.
  ///   - advice: what to name in place of a file that is none.
  public static func read<Value: Decodable>(
    _ type: Value.Type, from path: String, what: String, newest: Int, advice: String
  ) throws(RecordFileError) -> Value {
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: limit) } catch {
      guard error.kind == .missing || error.errno == .notDirectory else { throw error }
      throw RecordFileError(.missing, operation: "read", path: path, reason: "there is no such file", advice: advice)
    }
    return try value(type, bytes, path: path, what: what, newest: newest, advice: advice)
  }

  /// The file's bytes, decoded and checked.
  static func value<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], path: String, what: String, newest: Int, advice: String
  ) throws(RecordFileError) -> Value {
    func failure(_ kind: RecordFileError.Kind, _ reason: String, _ advice: String) -> RecordFileError {
      RecordFileError(kind, operation: "read", path: path, reason: reason, advice: advice)
    }
    let ending = bytes.last { $0 > 0x20 }
    if bytes.isEmpty {
      throw failure(.truncated, "the file is empty", "copy it again from where it was made, or create it again")
    }
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: Data(bytes)) } catch {
      if bytes.first == UInt8(ascii: "{") && ending != UInt8(ascii: "}") {
        throw failure(
          .truncated, "it is cut off in the middle", "copy it again from where it was made, or create it again")
      }
      throw failure(.foreign, "it is not \(what) (\(JSONFlaw.text(error)))", advice)
    }
    guard (1...newest).contains(header.schema) else {
      throw failure(
        .newerSchema, "its schema is \(header.schema), and this version reads 1 to \(newest)",
        "use the version of failover-bench that wrote it, or a later one")
    }
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw failure(.invalid, JSONFlaw.text(error), "it was changed after it was written; create it again")
    }
  }

  /// Sorted keys: the same value is the same text.
  public static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
