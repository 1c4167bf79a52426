import LinuxSystem
import SystemPackage

/// Reads files that anybody may have put there.
enum BoundedFile {
  /// All bytes of the regular file `path`; refuses what is larger than `limit`, a FIFO, a device.
  static func read(_ path: String, limit: Int) throws(RecordFileError) -> [UInt8] {
    try RecordFileError.checkName(path, operation: "read")
    // Without O_NONBLOCK a FIFO would be waited for.
    let file = try ResultFile(opening: path, .readOnly, .nonBlocking)
    let status = try file.status()
    guard status.type == .regular else {
      throw RecordFileError(.foreign, operation: "read", path: path, reason: "it is not a regular file")
    }
    func tooLarge() -> RecordFileError {
      RecordFileError(.foreign, operation: "read", path: path, reason: "it is larger than \(limit >> 20) MiB")
    }
    guard status.size <= limit else { throw tooLarge() }
    do throws(Errno) { return try file.file.readToEnd(limitBytes: limit) } catch {
      // It may have grown while it was read.
      throw error == .fileTooLarge ? tooLarge() : RecordFileError(operation: "read", path: path, error)
    }
  }
}
