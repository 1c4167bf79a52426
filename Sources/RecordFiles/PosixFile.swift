import Foundation

/// An owned file descriptor, and the few system calls that results need. Through Foundation, which re-exports them: it is the
/// only way to the system that this module has.
struct PosixFile: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Takes over `descriptor`.
  private init(adopting descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { _ = close(descriptor) }

  /// Opens `path` as it stands.
  static func open(_ path: String, _ flags: Int32) throws(RecordFileError) -> PosixFile {
    let descriptor = try systemCall("open", path) { Foundation.open(path, flags | O_CLOEXEC) }
    return PosixFile(adopting: descriptor, path: path)
  }

  /// O_PATH (open(2)): a directory to go through, for which the right to list it is not needed. Foundation has no such constant.
  static let wayOnly: Int32 = 0o10000000

  /// Opens `name` in this directory, and no link of that name.
  borrowing func open(
    _ name: String, _ flags: Int32, mode: mode_t = 0o644, shownAs shown: String? = nil
  ) throws(RecordFileError) -> PosixFile {
    let path = shown ?? "\(self.path)/\(name)"
    let directory = descriptor
    let opened = try systemCall(flags & O_CREAT == 0 ? "open" : "create", path) {
      openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW, mode)
    }
    return PosixFile(adopting: opened, path: path)
  }

  /// Writes all of `bytes`; at the end of the file when it was opened so.
  borrowing func write(_ bytes: [UInt8]) throws(RecordFileError) {
    var done = 0
    let descriptor = descriptor
    while done < bytes.count {
      done += try systemCall("write", path) {
        bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress! + done, $0.count - done) }
      }
    }
  }

  /// Appends one line whole: what a full disk left of it is taken back, so that the file stays valid.
  borrowing func appendLine(_ bytes: [UInt8]) throws(RecordFileError) {
    let size = try status().size
    do throws(RecordFileError) { try write(bytes) } catch {
      if size >= 0 { _ = ftruncate(descriptor, size) }
      throw error
    }
  }

  borrowing func synchronise() throws(RecordFileError) {
    let descriptor = descriptor
    try systemCall("synchronise", path) { fsync(descriptor) }
  }

  borrowing func give(to owner: FileOwner?) throws(RecordFileError) {
    guard let owner else { return }
    let descriptor = descriptor
    try systemCall("give away", path) { fchown(descriptor, owner.userID, owner.groupID) }
  }

  borrowing func setMode(_ mode: mode_t) throws(RecordFileError) {
    let descriptor = descriptor
    try systemCall("set the mode of", path) { fchmod(descriptor, mode) }
  }

  borrowing func status() throws(RecordFileError) -> (isRegular: Bool, size: Int) {
    var status = stat()
    let descriptor = descriptor
    try systemCall("examine", path) { fstat(descriptor, &status) }
    return (status.st_mode & S_IFMT == S_IFREG, Int(status.st_size))
  }
}

/// Whom results belong to: the user behind sudo, who wants to read, move and delete them.
public struct FileOwner: Equatable, Sendable {
  public let userID: UInt32
  public let groupID: UInt32

  public init(userID: UInt32, groupID: UInt32) {
    self.userID = userID
    self.groupID = groupID
  }
}

/// Calls `body` until no signal interrupts it, and turns -1 into an error that says what to do.
@discardableResult
func systemCall<Result: SignedInteger>(
  _ operation: String, _ path: String, _ body: () -> Result
) throws(RecordFileError) -> Result {
  while true {
    let result = body()
    if result != -1 { return result }
    let number = errno
    if number != EINTR { throw RecordFileError(operation: operation, path: path, errorNumber: number) }
  }
}

extension RecordFileError {
  /// An error of the system, with advice where there is something to be done about it.
  init(operation: String, path: String, errorNumber: Int32) {
    let (kind, advice): (Kind, String) =
      switch errorNumber {
      case ENOSPC, EDQUOT:
        (.noSpace, "what was written before is valid; make room there, or give --output a directory on another disk")
      case EROFS: (.system, "that file system is read-only; give --output a directory elsewhere")
      case EACCES, EPERM: (.system, "give --output a directory that you may write to")
      case ENOENT: (.missing, "")
      case ELOOP: (.inTheWay, "symbolic links are not followed here; name the directory itself")
      default: (.system, "")
      }
    self.init(
      kind, operation: operation, path: path, errorNumber: errorNumber, reason: String(cString: strerror(errorNumber)),
      advice: advice)
  }
}
