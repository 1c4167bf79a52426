import Experiment
import HostJournal
import LinuxSystem
import Testing

@testable import Supervision

/// The order in which the supervisor and its worker come to their end.
@Suite struct WorkerSupervisorTests {
  private static let failure = TestbedFailure(.fault, operation: "test", reason: "a reason")

  @Test(
    "the worker waits until the host is restored: should the supervisor be killed meanwhile, it finishes the work",
    arguments: [
      RunEnd.completed, .failed(failure),
    ])
  func withoutLeftovers(_ reported: RunEnd) throws {
    let worker = try FakeWorker()
    let ended = RunEvent.ended(reported, Leftovers())
    let end = try worker.supervise(FakeWorker.script(sending: [try FakeWorker.line(ended)]))
    #expect(try worker.diary == ["job", "restored", "release", "ended"])
    #expect(end.worker == .reported(reported) && end.failure == nil && end.signal == nil)
    #expect(worker.events == [ended])
  }

  @Test(
    "what the worker could not put back is restored once it is gone: its mounts go with it",
    arguments: [
      RunEnd.completed, .failed(failure),
    ])
  func withLeftovers(_ reported: RunEnd) throws {
    let worker = try FakeWorker()
    let ended = RunEvent.ended(reported, Leftovers(items: ["/mnt is still mounted"]))
    let end = try worker.supervise(FakeWorker.script(sending: [try FakeWorker.line(ended)]))
    #expect(try worker.diary == ["job", "release", "ended", "restored"])
    #expect(end.worker == .reported(reported) && end.failure == nil)
  }

  @Test("what the waiting worker has held itself is restored once it is gone")
  func heldByTheWorker() throws {
    let worker = try FakeWorker()
    let device = HostChange.loopBinding(number: 3, backingFile: "/volume", device: 1, inode: 2)
    var first = RestoreReport()
    first.leftovers = [.init(device, "still bound")]
    first.foreignValue = [.init(.sysctl(key: "vm.swappiness", previous: "1", new: "2"), "somebody else's")]
    var second = RestoreReport()
    second.restored = [device]
    worker.reports = [first, second]
    let end = try worker.supervise(FakeWorker.script(sending: [try FakeWorker.line(.ended(.completed, Leftovers()))]))
    #expect(try worker.diary == ["job", "restored", "release", "ended", "restored"])
    #expect(end.restore.isClean && end.restore.restored == [device])
    #expect(end.restore.foreignValue == first.foreignValue)
  }

  @Test("a worker that dies is known by its exit code, and by the mount that it was in")
  func death() throws {
    let worker = try FakeWorker()
    let end = try worker.supervise(
      """
      read -r job <&3; printf '%s\\n' '\(try FakeWorker.line(.phaseBegan(.failover, atNanoseconds: 0)))' >&3
      \(FakeWorker.logging(startedAt: 1, underWay: 3, since: 2))
      echo dying >> "$0/diary"; exit 69
      """
    )
    #expect(try worker.diary == ["dying", "restored"])
    #expect(end.worker == .died(crashStatus: .exited(69), inMount: 3))
  }

  @Test("a worker that dies before it has its job is known by its death, not by a pipe that broke")
  func deathBeforeTheJob() throws {
    let worker = try FakeWorker()
    let end = try worker.supervise("exec 3>&-; echo dying >> \"$0/diary\"; kill -KILL $$", sendingJobAfter: "dying")
    #expect(end.worker == .died(crashStatus: .signaled(SignalDescriptor.kill), inMount: nil))
    #expect(end.failure == nil)
    #expect(try worker.diary == ["dying", "restored"])
  }

  @Test("the end of the failover is shown with all its mounts, however quick they were")
  func allMountsAreShown() throws {
    let worker = try FakeWorker()
    let lines = [
      try FakeWorker.line(.phaseEnded(.failover, durationNanoseconds: 1)),
      try FakeWorker.line(.ended(.completed, Leftovers())),
    ]
    _ = try worker.supervise(
      FakeWorker.logging(startedAt: 1, committed: 3) + "\n" + FakeWorker.script(sending: lines))
    let progress = try #require(worker.events.firstIndex(of: .progress(.failover, done: 2, total: 3)))
    let end = try #require(worker.events.firstIndex(of: .phaseEnded(.failover, durationNanoseconds: 1)))
    #expect(progress < end)
  }

  @Test("a worker that was killed is known by the signal")
  func killed() throws {
    let end = try FakeWorker().supervise("read -r job <&3; kill -KILL $$")
    #expect(end.worker == .died(crashStatus: .signaled(SignalDescriptor.kill), inMount: nil))
  }

  @Test("what cannot be understood ends the worker, and then the host is restored")
  func nonsense() throws {
    let worker = try FakeWorker()
    // It has replaced the shell, so that nothing outlives it.
    let end = try worker.supervise("read -r job <&3; echo nonsense >&3; exec sleep 1000")
    #expect(end.worker == .unresponsive)
    #expect(end.failure?.contains("an event of the testbed's process") == true, "\(end)")
    #expect(try worker.diary == ["restored"])
  }

  @Test("a worker that is silent for too long is killed")
  func silence() throws {
    let worker = try FakeWorker()
    let end = try worker.supervise("exec sleep 1000", timeouts: WorkerTimeouts(silence: 1))
    #expect(end.worker == .unresponsive && end.failure == nil)
    #expect(try worker.diary == ["restored"])
  }

  @Test("a result goes to the listener; one that cannot be understood ends the worker")
  func result() throws {
    let lines = [try WorkerLink.line(result: ["a": 1]), try FakeWorker.line(.ended(.completed, Leftovers()))]
    let worker = try FakeWorker()
    #expect(try worker.supervise(FakeWorker.script(sending: lines)).worker == .reported(.completed))
    #expect(worker.results == ["{\"a\":1}"])
    let other = try FakeWorker()
    other.refusesResults = true
    let end = try other.supervise(FakeWorker.script(sending: lines))
    #expect(end.worker == .unresponsive && end.failure == "not a result")
    #expect(try other.diary.last == "restored")
  }
}
