public import Experiment
import LinuxSystem

/// What libmount costs besides mount(2).
public enum FakeMount {
  /// The median time of one mount in libmount's fake mode, which does everything but the system call.
  public static func medianNanoseconds(rounds: Int) throws(TestbedFailure) -> UInt64 {
    var times: [UInt64] = []
    for _ in 0..<max(1, rounds) {
      let duration = try attempting("measure libmount without the system call") { () throws(SystemError) -> UInt64 in
        let began = Clock.monotonicNanoseconds()
        let command = try MountCommand(source: "/dev/loop0", target: "/mnt", fileSystem: "xfs", isFake: true)
        _ = command.runFake()
        return Clock.monotonicNanoseconds() - began
      }
      times.append(duration)
    }
    times.sort()
    return times[times.count / 2]
  }
}
