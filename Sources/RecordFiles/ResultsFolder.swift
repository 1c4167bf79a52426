import SystemPackage
public import LinuxSystem

/// A directory of results that is more than one run: a sweep with its plan, its runs and what they came to.
public struct ResultsFolder: ~Copyable {
  private let directory: ResultFile
  private let owner: FileOwner?

  public var path: String { directory.path }

  /// Makes it, parents and all. Refuses a directory with anything in it, a symbolic link, a file.
  public static func make(at path: String, owner: FileOwner? = nil) throws(RecordFileError) -> ResultsFolder {
    ResultsFolder(directory: try NewDirectory.make(at: path, owner: owner), owner: owner)
  }

  /// `parent/20051103T101500Z-name`.
  public static func make(
    in parent: String = "results", name: String, startedAtUnixNanoseconds: UInt64, owner: FileOwner? = nil
  ) throws(RecordFileError) -> ResultsFolder {
    let name = UTCTime.basicText(unixNanoseconds: startedAtUnixNanoseconds) + "-" + SafeName.made(of: name)
    return ResultsFolder(directory: try NewDirectory.make(in: parent, name: name, owner: owner), owner: owner)
  }

  /// One that is there.
  public static func open(_ path: String, owner: FileOwner? = nil) throws(RecordFileError) -> ResultsFolder {
    var name = Substring(path)
    // A slash at the end would make the kernel follow a symbolic link.
    while name.count > 1 && name.last == "/" { name.removeLast() }
    guard let last = name.split(separator: "/").last, last != "..", last != "." else {
      return ResultsFolder(directory: try ResultFile(opening: path, .readOnly, [.directory, .noFollow]), owner: owner)
    }
    let place = ResultFile(try ResultFile.parent(of: String(name), making: false, owner: owner), path: String(name))
    return ResultsFolder(
      directory: try place.open(String(last), .readOnly, .directory, shownAs: String(name)), owner: owner)
  }

  /// One that is there, or a new one with its parents.
  public static func openOrMake(_ path: String, owner: FileOwner? = nil) throws(RecordFileError) -> ResultsFolder {
    do throws(RecordFileError) { return try open(path, owner: owner) } catch {
      guard error.kind == .missing else { throw error }
      return try make(at: path, owner: owner)
    }
  }

  private init(directory: consuming ResultFile, owner: FileOwner?) {
    self.directory = directory
    self.owner = owner
  }

  /// A folder in it, made where there is none.
  public borrowing func folder(_ name: String) throws(RecordFileError) -> ResultsFolder {
    ResultsFolder(directory: try directory.folder(name, owner: owner), owner: owner)
  }

  /// Replaces the file `name`: whoever reads it sees the old text or the new one.
  public borrowing func write(_ text: String, named name: String) throws(RecordFileError) {
    try directory.replaceFile(name, with: Array(text.utf8), owner: owner)
  }
}
