import CLinux
import LinuxSystem
import PressureProtocol
import SystemPackage

/// The control socket: requests in, replies out. Owns neither process nor policy.
struct ControlChannel: ~Copyable {
  private let socket: Descriptor
  private var lines = LineBuffer()
  private var isEnded = false
  /// Received bytes go through here, so that looking allocates nothing.
  private let scratch: UnsafeMutableRawBufferPointer

  enum Incoming: Equatable {
    case request(PressureRequest)
    case malformed(PressureProtocolError)
    case endOfFile
  }

  /// Takes the descriptor over and closes it in the end.
  init(descriptor: Int32) {
    socket = Descriptor(adopting: descriptor)
    scratch = .allocate(byteCount: PressureWire.maximumLineLength, alignment: 16)
  }

  deinit {
    scratch.deallocate()
  }

  /// Waits for the next request.
  mutating func next() -> Incoming {
    while true {
      // The end counts before lines that came ahead of it: nobody waits for their answers any more.
      receive()
      if isEnded { return .endOfFile }
      if let incoming = bufferedRequest() { return incoming }
      wait(milliseconds: 3_600_000)
    }
  }

  /// Looks at the socket during work, without waiting. `status` is answered, other requests are refused.
  mutating func checkpoint(_ status: @autoclosure () -> PressureStatus) -> Interruption? {
    receive()
    while !isEnded, let incoming = bufferedRequest() {
      switch incoming {
      case .request(.cancel): return .cancelled
      case .request(.quit): return .quit
      case .request(.status): send(.status(status()))
      case .request(let request):
        send(
          .failed(
            operation: request.encoded.split(separator: " ").first.map(String.init) ?? "request",
            errno: Errno.resourceBusy.rawValue,
            explanation: "another request is being worked on; wait for its reply, or send cancel"))
      case .malformed(let error): send(Self.refusal(of: error))
      case .endOfFile: isEnded = true
      }
      receive()
    }
    return isEnded ? .endOfFile : nil
  }

  /// Sleeps until something arrives or that much time has passed.
  func wait(milliseconds: UInt64) { _ = Poll.isReadable(socket.rawValue, withinNanoseconds: milliseconds * 1_000_000) }

  /// Sends a whole line. When the child does not read, this waits; when it is gone, the next look says so.
  mutating func send(_ reply: PressureReply) {
    var text = reply.encoded
    text.withUTF8 { bytes in
      assert(bytes.count <= PressureWire.maximumLineLength)
      var sent = 0
      while sent < bytes.count, !isEnded {
        do throws(Errno) {
          sent += try SystemCall.check { clinux_send(socket.rawValue, bytes.baseAddress! + sent, bytes.count - sent) }
        } catch .wouldBlock {
          // The other end of a socket made non-blocking before it was handed over.
          var entry = pollfd(fd: socket.rawValue, events: Int16(POLLOUT), revents: 0)
          _ = poll(&entry, 1, -1)
        } catch {
          isEnded = true
        }
      }
    }
  }

  static func refusal(of error: PressureProtocolError) -> PressureReply {
    .failed(operation: "decode request", errno: Errno.protocolError.rawValue, explanation: "\(error)")
  }

  private mutating func bufferedRequest() -> Incoming? {
    do throws(PressureProtocolError) {
      guard let line = try lines.nextLine() else { return nil }
      return .request(try PressureRequest.decode(line))
    } catch {
      return .malformed(error)
    }
  }

  /// Takes in all that has arrived, as far as there is room. The buffer is empty of whole lines when this matters, so
  /// there is room, and the end of file is seen.
  private mutating func receive() {
    while !isEnded, lines.freeBytes > 0 {
      do throws(Errno) {
        let count = try SystemCall.check {
          recv(socket.rawValue, scratch.baseAddress, min(scratch.count, lines.freeBytes), Self.withoutWaiting)
        }
        if count == 0 {
          isEnded = true
        } else {
          let taken = lines.append(scratch[..<count])
          assert(taken == count)
        }
      } catch .wouldBlock {
        return
      } catch {
        // ECONNRESET: the child died with replies unread.
        isEnded = true
      }
    }
  }

  private static let withoutWaiting = Int32(MSG_DONTWAIT)
}
