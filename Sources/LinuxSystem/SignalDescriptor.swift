import CLinux

/// Signals as something to read, signalfd(2): no handler runs at a bad moment.
public struct SignalDescriptor: ~Copyable {
  private let file: Descriptor

  /// Blocks `signals` for this thread and those it starts. Must come before any thread exists.
  public init(_ signals: [Int32]) throws(SystemError) {
    let fd = try systemCall("make a signal descriptor") {
      signals.withUnsafeBufferPointer { clinux_signal_descriptor($0.baseAddress, Int32($0.count)) }
    }
    file = Descriptor(adopting: fd)
  }

  public var descriptor: Int32 { file.rawValue }

  /// The next signal that has come, nil when there is none.
  public borrowing func next() -> Int32? {
    let number = clinux_read_signal(file.rawValue)
    return number > 0 ? number : nil
  }

  public static let interrupt: Int32 = SIGINT
  public static let terminate: Int32 = SIGTERM
  public static let hangup: Int32 = SIGHUP
  public static let kill: Int32 = SIGKILL
}
