import CLinux
import LinuxSystem
import SystemPackage
import Testing

/// A write that would take for good is given up. One after another: SIGALRM is the process's.
@Suite(.serialized) struct TimedWriteTests {
  private static let page = [UInt8](repeating: 1, count: 4096)

  private static func handler() -> Bool {
    var action = sigaction()
    sigaction(SIGALRM, nil, &action)
    return action.__sigaction_handler.sa_handler == nil
  }

  @Test("a full pipe interrupts it after its time, and the signal is as it was before")
  func fullPipe() throws {
    let ends = try Pipe.make()
    let reading = Descriptor(adopting: ends.read)
    let writing = Descriptor(adopting: ends.write)
    #expect(clinux_set_pipe_size(ends.write, 4096) == 4096)
    #expect(clinux_write_within(ends.write, Self.page, 4096, 60_000) == 4096)
    #expect(Self.handler())
    let before = Clock.monotonicNanoseconds()
    let written = clinux_write_within(ends.write, Self.page, 4096, 30)
    let error = Errno(rawValue: clinux_errno())
    #expect(written == -1 && error == .interrupted)
    #expect(Clock.monotonicNanoseconds() - before >= 30_000_000)
    #expect(Self.handler())
    try reading.close()
    try writing.close()
  }

  @Test("a thread that has the signal blocked is interrupted, too, and has it blocked again afterwards")
  func blockedSignal() throws {
    var alarm = sigset_t()
    var before = sigset_t()
    sigemptyset(&alarm)
    sigaddset(&alarm, SIGALRM)
    pthread_sigmask(SIG_BLOCK, &alarm, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let ends = try Pipe.make()
    let reading = Descriptor(adopting: ends.read)
    let writing = Descriptor(adopting: ends.write)
    #expect(clinux_set_pipe_size(ends.write, 4096) == 4096)
    #expect(clinux_write_within(ends.write, Self.page, 4096, 1_000) == 4096)
    #expect(clinux_write_within(ends.write, Self.page, 4096, 1) == -1)
    var now = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &now)
    #expect(sigismember(&now, SIGALRM) == 1)
    try reading.close()
    try writing.close()
  }
}
