import CLinux
import SystemPackage

/// A text of /proc or /sys that is read again and again: opened once, read into a buffer of its own.
///
/// A reading is one or a few pread(2) and allocates nothing, since it is taken when memory is shortest and between two things that are
/// measured (proc(5): seq files make their text anew at offset 0).
public struct KernelTextFile: ~Copyable {
  public let path: String
  private let file: Descriptor
  private var buffer: UnsafeMutableRawBufferPointer
  private var countInBuffer: Int

  /// Opens it and reads it once, so that the buffer has the size it needs.
  ///
  /// - Throws: what opening or reading it failed by.
  public init(_ path: String) throws(SystemError) {
    // A struct of noncopyable parts cannot be left half made: all of it first.
    let opened = try attempt("open", path) { () throws(Errno) in try Descriptor(opening: path, .readOnly) }
    var first = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    let count: Int
    do throws(Errno) { count = try Self.read(opened, into: &first) } catch {
      first.deallocate()
      throw SystemError(operation: "read", subject: path, errno: error)
    }
    self.path = path
    file = opened
    buffer = first
    countInBuffer = count
  }

  deinit { buffer.deallocate() }

  /// The text as it was read last; valid until the next reading.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<countInBuffer]) }

  /// As ``bytes``, for a parser of whole texts.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Reads it anew from its beginning.
  ///
  /// - Returns: ``bytes``.
  /// - Throws: what reading failed by; EFBIG for more than any text of the kernel has.
  @discardableResult
  public mutating func refresh() throws(SystemError) -> UnsafeRawBufferPointer {
    do throws(Errno) { countInBuffer = try Self.read(file, into: &buffer) } catch {
      throw SystemError(operation: "read", subject: path, errno: error)
    }
    return bytes
  }

  private static func read(
    _ file: borrowing Descriptor, into buffer: inout UnsafeMutableRawBufferPointer
  ) throws(Errno) -> Int {
    var filled = 0
    while true {
      // With room to spare at once: a text grows by a digit here and there.
      if filled + 256 > buffer.count { try grow(&buffer, keeping: filled) }
      let (descriptor, rest) = (file.rawValue, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      // A seq file gives what it has, often less than asked for; only 0 is its end.
      let count = try SystemCall.check { pread(descriptor, rest.baseAddress, rest.count, filled) }
      if count == 0 { return filled }
      filled += count
    }
  }

  /// Hundreds of processors make a zoneinfo of hundreds of kilobytes.
  private static func grow(
    _ buffer: inout UnsafeMutableRawBufferPointer, keeping filled: Int
  ) throws(Errno) {
    guard buffer.count < 64 << 20 else { throw .fileTooLarge }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
    buffer.deallocate()
    buffer = larger
  }
}
