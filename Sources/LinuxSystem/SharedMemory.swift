import CLinux
import SystemPackage

/// Files in memory.
public enum MemoryFile {
  /// memfd_create(2): sparse, gone when its last descriptor is closed. `name` is seen in /proc/PID/fd.
  public static func make(_ name: String, bytes: Int) throws(SystemError) -> Descriptor {
    Descriptor(
      adopting: try systemCall("make a file of \(bytes) bytes in memory") { clinux_memory_file(name, bytes) })
  }
}

/// Memory that two processes see, owned: a memory file (memfd_create(2)) mapped by both.
///
/// One of them may die at any time; what it has written stays for the other. Pages are taken when they are touched first.
public struct SharedMemory: ~Copyable {
  private let file: Descriptor
  /// All of it, in words of 64 bits; zeros at first.
  public let words: UnsafeMutableBufferPointer<UInt64>

  /// Makes it. `name` is seen in /proc/PID/maps.
  public init(_ name: String, words count: Int) throws(SystemError) {
    try self.init(MemoryFile.make(name, bytes: count * 8), count)
  }

  /// Maps what another process has made, whose descriptor was inherited and is taken over.
  public init(adopting descriptor: Int32) throws(SystemError) {
    let file = Descriptor(adopting: descriptor)
    let size = try attempt("look at the shared memory") { () throws(Errno) in
      try file.setCloseOnExec()
      return try file.status().size
    }
    try self.init(file, Int(size) / 8)
  }

  private init(_ file: consuming Descriptor, _ count: Int) throws(SystemError) {
    guard count > 0, let address = clinux_map_shared(file.rawValue, count * 8) else {
      throw SystemError(
        operation: "map shared memory of \(count * 8) bytes", subject: "",
        errno: count > 0 ? Errno(rawValue: clinux_errno()) : .invalidArgument)
    }
    self.file = file
    words = UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: UInt64.self), count: count)
  }

  deinit { _ = clinux_unmap(words.baseAddress, words.count * 8) }

  /// For a process that is to share it.
  public var descriptor: Int32 { file.rawValue }

  /// Writes a word, and before it everything that was written earlier, as far as whoever reads it by ``load(_:)`` is concerned.
  @inline(__always) public func store(_ value: UInt64, at index: Int) {
    clinux_store_release(words.baseAddress! + index, value)
  }

  /// A word as the other process has left it, with everything that it wrote before.
  @inline(__always) public func load(_ index: Int) -> UInt64 { clinux_load_acquire(words.baseAddress! + index) }
}
