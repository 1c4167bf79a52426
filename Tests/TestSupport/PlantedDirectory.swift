import CLinux
import LinuxSystem
import SystemPackage
import Testing

/// A directory of one test, gone at its end, and things planted in it.
public final class PlantedDirectory {
  public static let nobody: UInt32 = 65_534
  public let path: String

  public init() throws {
    var template = Array("/tmp/failover-bench-test-XXXXXX".utf8CString)
    try #require(template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) } != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    guard let status = try? FileSystem.status(of: path) else { return }
    if status.type == .directory {
      for name in (try? Directory.names(in: path)) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  public func directory(_ name: String, mode: UInt32 = 0o755, owner: UInt32? = nil) throws -> String {
    let made = "\(path)/\(name)"
    try #require(mkdir(made, 0o700) == 0 && chmod(made, mode) == 0)
    if let owner { try #require(lchown(made, owner, owner) == 0) }
    return made
  }

  public func link(_ name: String, to target: String, owner: UInt32? = nil) throws -> String {
    let made = "\(path)/\(name)"
    try #require(symlink(target, made) == 0)
    if let owner { try #require(lchown(made, owner, owner) == 0) }
    return made
  }
}
