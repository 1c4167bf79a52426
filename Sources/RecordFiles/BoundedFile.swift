import Foundation

/// Reads files that anybody may have put there.
enum BoundedFile {
  /// All bytes of the regular file `path`; refuses what is larger than `limit`, a FIFO, a device.
  static func read(_ path: String, limit: Int) throws(RecordFileError) -> [UInt8] {
    try DirectoryWalk.checkName(path, operation: "read")
    // Without O_NONBLOCK a FIFO would be waited for.
    let file = try PosixFile.open(path, O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.isRegular else {
      throw RecordFileError(.foreign, operation: "read", path: path, reason: "it is not a regular file")
    }
    func tooLarge() -> RecordFileError {
      RecordFileError(.foreign, operation: "read", path: path, reason: "it is larger than \(limit >> 20) MiB")
    }
    guard status.size <= limit else { throw tooLarge() }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(status.size)
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let descriptor = file.descriptor
    while true {
      let count = try systemCall("read", path) {
        chunk.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress!, $0.count) }
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      // It may grow while it is read.
      guard bytes.count <= limit else { throw tooLarge() }
    }
  }
}
