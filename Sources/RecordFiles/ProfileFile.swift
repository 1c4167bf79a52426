public import Experiment
import Foundation
import SystemPackage
public import LinuxSystem

/// Files of `failover-bench profile`: written whole or not at all, read back and checked.
public enum ProfileFile {
  /// What `--mount-demand` has before the name of such a file.
  public static let prefix = "profile:"
  /// A mount has some fifty kinds of blocks of 300 bytes each.
  private static let limit = 64 << 20

  /// Pretty JSON with sorted keys and a line break at the end.
  public static func json(_ profile: AllocationProfile) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(profile), as: UTF8.self) + "\n"
  }

  /// Refuses what ``write(_:to:owner:)`` would refuse at the end, before anything is measured.
  public static func checkFree(_ path: String, owner: FileOwner? = nil) throws(RecordFileError) {
    let (_, name) = try split(path)
    try RecordFileError.checkName(path, operation: "create")
    do throws(Errno) {
      _ = try FileSystem.status(of: path)
      throw .fileExists
    } catch {
      if error == .fileExists { throw inTheWay(path) }
      guard error == .noSuchFileOrDirectory else { throw RecordFileError(operation: "create", path: path, error) }
    }
    let directory = try openParent(of: path, owner: owner)
    _ = try directory.open(temporary(name), .writeOnly, [.create, .exclusiveCreate])
    directory.remove(temporary(name))
  }

  /// Writes a new file; one that is there is never replaced.
  public static func write(_ profile: AllocationProfile, to path: String, owner: FileOwner? = nil)
    throws(RecordFileError)
  {
    let text: String
    do { text = try json(profile) } catch {
      throw RecordFileError(.invalid, operation: "write", path: path, reason: "\(error)")
    }
    let (_, name) = try split(path)
    let directory = try openParent(of: path, owner: owner)
    let temporary = temporary(name)
    let file = try directory.open(temporary, .writeOnly, [.create, .exclusiveCreate])
    defer { directory.remove(temporary) }
    try file.write(Array(text.utf8))
    try file.give(to: owner)
    try file.synchronize()
    // A link, and not a renaming: that would replace what somebody put there meanwhile.
    do throws(Errno) { try directory.file.link(temporary, to: name) } catch {
      throw error == .fileExists ? inTheWay(path) : RecordFileError(operation: "write", path: path, error)
    }
    try directory.synchronize()
  }

  /// Reads `path`. What is truncated, foreign, of a later version or not possible gets one line: which file, what is wrong,
  /// what to do.
  public static func read(_ path: String) throws(RecordFileError) -> AllocationProfile {
    let bytes: [UInt8]
    do throws(RecordFileError) { bytes = try BoundedFile.read(path, limit: limit) } catch {
      guard error.kind == .missing || error.errno == .notDirectory else { throw error }
      throw RecordFileError(
        .missing, operation: "read", path: path, errno: error.errno, reason: "there is no such file",
        advice: "make one: failover-bench profile --output \(SingleLine.text(path, limit: 200))")
    }
    return try profile(bytes, path: path)
  }

  private static let again = "make it again with `failover-bench profile`"

  /// The file's bytes, decoded and checked.
  static func profile(_ bytes: [UInt8], path: String) throws(RecordFileError) -> AllocationProfile {
    func failure(_ kind: RecordFileError.Kind, _ reason: String, _ advice: String = again) -> RecordFileError {
      RecordFileError(kind, operation: "read", path: path, reason: reason, advice: advice)
    }
    guard !bytes.isEmpty else { throw failure(.truncated, "the file is empty") }
    let data = Data(bytes)
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: data) } catch {
      // A profile is one object; what begins like one and does not end like one was cut off.
      if bytes.first == UInt8(ascii: "{") && bytes.last(where: { $0 > 0x20 }) != UInt8(ascii: "}") {
        throw failure(.truncated, "it is cut off in the middle", "copy it again from where it was made, or \(again)")
      }
      throw failure(
        .foreign, "it is not a profile of failover-bench (\(JSONFlaw.text(error)))",
        "name a file of `failover-bench profile`")
    }
    guard header.kind == AllocationProfile.currentKind else {
      throw failure(
        .foreign, "it is '\(SingleLine.text(header.kind, limit: 60))' and not a profile of failover-bench",
        "name a file of `failover-bench profile`")
    }
    guard header.schema <= AllocationProfile.currentSchema else {
      throw failure(
        .newerSchema,
        "its schema is \(header.schema), written by \(SingleLine.text(header.tool, limit: 60)), and this version reads up to "
          + "\(AllocationProfile.currentSchema)", "use that version of failover-bench or a later one")
    }
    let profile: AllocationProfile
    do { profile = try JSONDecoder().decode(AllocationProfile.self, from: data) } catch {
      throw failure(.invalid, JSONFlaw.text(error), "it was changed after it was made; \(again)")
    }
    if let flaw = ProfileValidation.flaw(in: profile) {
      throw failure(.invalid, flaw, "it was changed after it was made; \(again)")
    }
    return profile
  }

  /// What every version of the file has.
  private struct Header: Decodable {
    let kind: String
    let schema: Int
    let tool: String
  }

  private static func temporary(_ name: String) -> String { ".\(name.prefix(200)).new" }

  private static func inTheWay(_ path: String) -> RecordFileError {
    RecordFileError(
      .inTheWay, operation: "create", path: path, errno: .fileExists, reason: "a file of that name already exists",
      advice: "name a new file, or remove that one")
  }

  private static func openParent(of path: String, owner: FileOwner?) throws(RecordFileError) -> ResultFile {
    let place = ResultFile(try ResultFile.parent(of: path, making: false, owner: owner), path: try split(path).parent)
    // The walk's last directory is one to go through; this one is to be written out as well.
    return try place.open(".", .readOnly, .directory, shownAs: place.path)
  }

  private static func split(_ path: String) throws(RecordFileError) -> (parent: String, name: String) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    guard !name.isEmpty, name != ".", name != "..", !path.utf8.contains(0), name.utf8.count <= 240 else {
      throw RecordFileError(
        .badName, operation: "create", path: path, reason: "it is not the name of a file", advice: "name a new file")
    }
    let parent = String(path.dropLast(name.count))
    return (parent.isEmpty ? "." : parent, name)
  }
}
