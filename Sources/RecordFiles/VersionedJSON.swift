import Experiment
import Foundation
import SystemPackage

/// A kind of file that this program writes and reads back: JSON with a `schema`. What is truncated, foreign, of a later version or not
/// possible gets one line: which file, what is wrong, what to do.
public struct VersionedJSON<Value: Decodable & SendableMetatype>: Sendable {
  private let what: String
  private let newest: Int
  private let kind: String?
  private let advice: String
  private let anew: String
  private let limitBytes: Int
  private let flaw: @Sendable (Value) -> String?

  /// - Parameters:
  ///   - what: as in "a sweep's plan".
  ///   - newest: the latest schema that this version knows.
  ///   - kind: what such a file has as its `kind`, where it has one.
  ///   - advice: what to name in place of a file that is none.
  ///   - anew: how to come by another, as in "run again".
  ///   - flaw: what a value has that this program cannot have written; nil where it can.
  public init(
    _ what: String, newest: Int, kind: String? = nil, advice: String, anew: String = "create it again",
    limitBytes: Int = 64 << 20, flaw: @escaping @Sendable (Value) -> String? = { _ in nil }
  ) {
    (self.what, self.newest, self.kind, self.advice, self.anew) = (what, newest, kind, advice, anew)
    (self.limitBytes, self.flaw) = (limitBytes, flaw)
  }

  /// What every version of any such file has.
  private struct Header: Decodable {
    let schema: Int
    let tool: String?
    let kind: String?
  }

  /// Reads the file `path`.
  /// - Throws: it cannot be read, or is none of this kind.
  public func read(_ path: String) throws(RecordFileError) -> Value {
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: limitBytes) } catch {
      guard error.kind == .missing || error.errno == .notDirectory else { throw error }
      throw RecordFileError(
        .missing, operation: "read", path: path, errno: error.errno, reason: "there is no such file", advice: advice)
    }
    return try value(bytes, path: path)
  }

  /// The bytes of the file `path`, decoded and checked.
  /// - Throws: they are none of this kind.
  func value(_ bytes: [UInt8], path: String) throws(RecordFileError) -> Value {
    func failure(_ kind: RecordFileError.Kind, _ reason: String, _ advice: String) -> RecordFileError {
      RecordFileError(kind, operation: "read", path: path, reason: reason, advice: advice)
    }
    let copy = "copy it again from where it was made, or \(anew)"
    guard !bytes.isEmpty else { throw failure(.truncated, "the file is empty", copy) }
    let data = Data(bytes)
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: data) } catch {
      // Such a file is one object; what begins like one and does not end like one was cut off.
      if bytes.first == UInt8(ascii: "{") && bytes.last(where: { $0 > 0x20 }) != UInt8(ascii: "}") {
        throw failure(.truncated, "it is cut off in the middle", copy)
      }
      throw failure(.foreign, "it is not \(what) (\(JSONFlaw.text(error)))", advice)
    }
    guard kind == nil || header.kind == kind else {
      let found = header.kind.map { "its kind is '\(SingleLine.text($0, limit: 60))'" } ?? "kind is missing"
      throw failure(.foreign, "it is not \(what) (\(found))", advice)
    }
    guard header.schema <= newest else {
      let writer = header.tool.map { ", written by \(SingleLine.text($0, limit: 60))" } ?? ""
      throw failure(
        .newerSchema, "its schema is \(header.schema)\(writer), and this version reads up to \(newest)",
        "use the version of failover-bench that wrote it, or a later one")
    }
    let changed = "it was changed after it was written; \(anew)"
    guard header.schema >= 1 else { throw failure(.invalid, "schema: must be 1 or more", changed) }
    let value: Value
    do { value = try JSONDecoder().decode(Value.self, from: data) } catch {
      throw failure(.invalid, JSONFlaw.text(error), changed)
    }
    if let flaw = flaw(value) { throw failure(.invalid, flaw, changed) }
    return value
  }
}
