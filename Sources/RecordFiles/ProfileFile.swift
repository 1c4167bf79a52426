public import Experiment
import Foundation
import SystemPackage
public import LinuxSystem

/// Files of `failover-bench profile`: written whole or not at all, read back and checked.
public enum ProfileFile {
  /// What `--mount-demand` has before the name of such a file.
  public static let prefix = "profile:"
  private static let format = VersionedJSON<AllocationProfile>(
    "a profile of failover-bench", newest: AllocationProfile.currentSchema, kind: AllocationProfile.currentKind,
    advice: "name a file of `failover-bench profile --output FILE`",
    anew: "make it again with `failover-bench profile`", flaw: ProfileValidation.flaw(in:))

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
    do { text = try PrettyJSON.text(profile) } catch {
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

  /// Reads the file `path`.
  /// - Throws: it cannot be read, or is no profile.
  public static func read(_ path: String) throws(RecordFileError) -> AllocationProfile { try format.read(path) }

  /// The file's bytes, decoded and checked.
  static func profile(_ bytes: [UInt8], path: String) throws(RecordFileError) -> AllocationProfile {
    try format.value(bytes, path: path)
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
