import CLinux
import SystemPackage

/// Lines of text over a stream socket between two processes of a run.
///
/// The other side's death is seen as the end of the stream, which is why the descriptor is close-on-exec: a copy in a third
/// process would keep the stream open.
public struct LineChannel: ~Copyable {
  private let socket: Descriptor
  private var received: [UInt8] = []
  /// How far `received` was searched for a line's end, so that a long line is not searched again with every piece of it.
  private var searched = 0
  private let limitBytes: Int

  /// What a look at the channel found.
  public enum Reception: Equatable, Sendable {
    case line(String)
    /// Nothing whole has come yet.
    case nothing
    /// The other side is gone; what it had sent has been read.
    case ended
  }

  /// - Parameter limitBytes: a longer line ends the channel: it is not one of ours.
  public init(adopting descriptor: Int32, limitBytes: Int = 64 << 20) throws(SystemError) {
    self.limitBytes = limitBytes
    let file = Descriptor(adopting: descriptor)
    try attempt("set close-on-exec of descriptor", "\(descriptor)") { () throws(Errno) in try file.setCloseOnExec() }
    socket = file
  }

  /// Two connected ends: (this process's, another's).
  public static func pair() throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    try systemCall("make a socket pair") { ends.withUnsafeMutableBufferPointer { clinux_socketpair($0.baseAddress) } }
    return (ends[0], ends[1])
  }

  /// For poll(2).
  public var descriptor: Int32 { socket.rawValue }

  /// Sends one line; waits while the other side is slow. Fails with EPIPE when it is gone.
  public mutating func send(_ line: String) throws(SystemError) {
    let bytes = Array((line + "\n").utf8)
    var sent = 0
    while sent < bytes.count {
      sent += try systemCall("send to the other process") {
        bytes.withUnsafeBytes { clinux_send(socket.rawValue, $0.baseAddress! + sent, bytes.count - sent) }
      }
    }
  }

  /// The next line, waiting at most that long (0 only looks).
  public mutating func receive(withinNanoseconds timeout: UInt64) throws(SystemError) -> Reception {
    let deadline = Clock.monotonicNanoseconds() &+ timeout
    while true {
      if let line = takeLine() { return .line(line) }
      let now = Clock.monotonicNanoseconds()
      let rest = deadline > now ? deadline - now : 0
      guard Poll.isReadable(socket.rawValue, withinNanoseconds: rest) else { return .nothing }
      if try !readSome() { return takeLine().map { .line($0) } ?? .ended }
    }
  }

  private mutating func takeLine() -> String? {
    guard let end = received[searched...].firstIndex(of: 10) else {
      searched = received.count
      return nil
    }
    let line = String(decoding: received[..<end], as: UTF8.self)
    received.removeSubrange(...end)
    searched = 0
    return line
  }

  /// False at the end of the stream.
  private mutating func readSome() throws(SystemError) -> Bool {
    guard received.count < limitBytes else {
      throw SystemError(operation: "receive from the other process", subject: "", errno: .messageTooLong)
    }
    let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 64 << 10)
    defer { chunk.deallocate() }
    var count = 0
    do throws(SystemError) {
      count = try systemCall("receive from the other process") {
        clinux_read(socket.rawValue, chunk.baseAddress, chunk.count)
      }
    } catch {
      // A reset is the death of the other side with something of ours unread.
      if error.errno == .connectionReset { return false }
      throw error
    }
    received.append(contentsOf: UnsafeMutableBufferPointer(rebasing: chunk[..<count]))
    return count > 0
  }
}
