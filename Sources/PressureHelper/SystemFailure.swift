import LinuxSystem
import PressureProtocol
import SystemPackage

/// A system call that did not do what the work needs: which, on what, why, and what to do next.
struct SystemFailure: Error, Equatable {
  var operation: String
  var errno: Errno
  var explanation: String

  var reply: PressureReply { .failed(operation: operation, errno: errno.rawValue, explanation: explanation) }

  init(operation: String, errno: Errno, explanation: String) {
    (self.operation, self.errno, self.explanation) = (operation, errno, explanation)
  }

  /// The errno in the kernel's words, then the advice.
  init(operation: String, errno: Errno, advice: String) {
    self.init(operation: operation, errno: errno, explanation: "\(errno): \(advice)")
  }

  /// Out of descriptors, or of something else that making a pipe takes.
  static func makingPipe(_ errno: Errno) -> SystemFailure {
    switch errno {
    case .tooManyOpenFiles:
      SystemFailure(
        operation: "pipe2", errno: errno,
        advice: "the helper has no descriptor left; start the run with a higher `ulimit -n`, or pin or hold less")
    case .tooManyOpenFilesInSystem:
      SystemFailure(
        operation: "pipe2", errno: errno,
        advice: "the host has no open file left (fs.file-max), or pipe-user-pages-hard is reached; raise that sysctl")
    default:
      SystemFailure(operation: "pipe2", errno: errno, advice: "the kernel could not make a pipe; pin or hold less")
    }
  }

  static func resizingPipe(slots: Int, _ errno: Errno) -> SystemFailure {
    let advice =
      switch errno {
      case .notPermitted:
        "write at least \(slots * PageSize.bytes) to fs.pipe-max-size (a run does that, and puts it back), and run "
          + "with CAP_SYS_ADMIN, which lifts fs.pipe-user-pages-soft"
      case .noMemory:
        "no kernel memory for the ring array of \(slots) slots; pin or hold less"
      default:
        "the kernel refused a ring of \(slots) slots; this needs Linux 2.6.35 or later with 4 kB pages"
      }
    return SystemFailure(operation: "fcntl F_SETPIPE_SZ \(slots * PageSize.bytes)", errno: errno, advice: advice)
  }
}

/// Calls the kernel, and says what it was for when it fails.
@discardableResult
func calling<Result: SignedInteger>(
  _ operation: @autoclosure () -> String, advice: @autoclosure () -> String, _ call: () -> Result
) throws(SystemFailure) -> Result {
  do throws(Errno) { return try SystemCall.check(call) } catch {
    throw SystemFailure(operation: operation(), errno: error, advice: advice())
  }
}

/// Why work stopped before its end.
enum WorkStop: Error, Equatable {
  case failed(SystemFailure)
  case interrupted(Interruption)
}

/// What came in on the control socket, or did not any more.
enum Interruption: Equatable {
  /// A `cancel`: give up the work at hand, keep what it got.
  case cancelled
  /// A `quit`: end in good order.
  case quit
  /// The child is gone.
  case endOfFile
}

enum PageSize {
  /// All sums here (slots to orders, 64 pages to a pipe) are for 4 kB pages; start refuses any other size.
  static let bytes = 4096
}
