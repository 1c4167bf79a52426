import CLinux
import SystemPackage
import Testing

@testable import HostJournal

/// A directory of the test's own (0700), gone with all its contents at the end.
final class TemporaryDirectory {
  let path: FilePath

  init() throws {
    var template = Array("/tmp/host-journal-test.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  deinit { removeAll(path.string) }

  func file(_ name: String, _ bytes: [UInt8] = []) throws -> FilePath {
    let file = path.appending(name)
    try write(bytes, to: file)
    return file
  }

  func directory(_ name: String, mode: mode_t = 0o700) throws -> FilePath {
    let directory = path.appending(name)
    try #require(mkdir(directory.string, mode) == 0)
    try #require(chmod(directory.string, mode) == 0)
    return directory
  }
}

private func removeAll(_ path: String) {
  var status = stat()
  guard clinux_lstat(path, &status) == 0 else { return }
  if status.st_mode & UInt32(S_IFMT) == UInt32(S_IFDIR) {
    for name in names(in: path) { removeAll("\(path)/\(name)") }
    rmdir(path)
  } else {
    unlink(path)
  }
}

func names(in path: String) -> [String] {
  guard let stream = opendir(path) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

func write(_ bytes: [UInt8], to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
  try file.closeAfter { _ = try file.writeAll(bytes) }
}

func bytes(of path: FilePath) throws -> [UInt8] {
  let file = try FileDescriptor.open(path, .readOnly)
  return try file.closeAfter {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { return result }
      result += buffer[..<count]
    }
  }
}

func exists(_ path: FilePath) -> Bool {
  var status = stat()
  return clinux_lstat(path.string, &status) == 0
}

func identity(of path: FilePath) throws -> FileIdentity {
  var status = stat()
  try #require(clinux_lstat(path.string, &status) == 0)
  return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
}
