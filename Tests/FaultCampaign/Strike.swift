import CLinux
import Experiment
import HostJournal
import SystemPackage
import LinuxSystem

/// The fault itself, and what has to be remembered of it.
struct Strike {
  let fault: Fault
  let paths: RoundPaths
  let disk: String?
  let program: String
  let memory: MachineSizes
  var random: RandomGenerator
  /// What has gone wrong already while it struck.
  private(set) var problems: [String] = []
  /// The setting as it was when somebody else changed it; nil where that was not this round's fault.
  private(set) var settingAtStrike: String?

  init(fault: Fault, paths: RoundPaths, disk: String?, program: String, memory: MachineSizes, random: RandomGenerator) {
    self.fault = fault
    self.paths = paths
    self.disk = disk
    self.program = program
    self.memory = memory
    self.random = random
  }

  static let setting = "vm.stat_interval"
  static let foreignValue = "5"

  mutating func now(_ run: borrowing CampaignRun) throws {
    switch fault {
    case .supervisorKilled: run.process.signal(SIGKILL)
    case .supervisorTerminated: run.process.signal(SIGTERM)
    case .supervisorStopped:
      run.process.signal(SIGSTOP)
      pause()
      run.process.signal(SIGKILL)
    case .testbedKilled: signal(run.children[.testbed], SIGKILL)
    case .testbedTerminated: signal(run.children[.testbed], SIGTERM)
    case .testbedStopped: stopAndKill(run.children[.testbed])
    case .helperKilled: signal(run.children[.helper], SIGKILL)
    case .helperTerminated: signal(run.children[.helper], SIGTERM)
    case .helperStopped: stopAndKill(run.children[.helper])
    case .allKilled, .staleJournal, .journalCut:
      let children = run.children
      // The helper first: it is the last that could put anything back.
      signal(children[.helper], SIGKILL)
      signal(children[.testbed], SIGKILL)
      run.process.signal(SIGKILL)
      waitUntilGone(children)
    case .resultsDiskFull, .imagesDiskFull: try fillDisk()
    case .imageTruncated: try truncateImage()
    case .imageOverwritten: try overwriteImage()
    case .loopDetached: try detachLoop()
    case .marginHit: break
    case .settingChanged:
      settingAtStrike = try Sysctl.read(Self.setting)
      try Sysctl.write(Self.setting, Self.foreignValue)
    case .secondRun: try startSecond(isFirstAlive: !run.process.hasEnded(withinNanoseconds: 0))
    }
  }

  private func signal(_ process: ProcessIdentity?, _ number: Int32) {
    if let process { kill(process.pid, number) }
  }

  /// Whoever waits in the kernel for a disk dies when that has answered.
  private mutating func waitUntilGone(_ processes: [CampaignRun.Role: ProcessIdentity]) {
    let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
    while let left = processes.values.first(where: \.isAlive) {
      Clock.sleep(nanoseconds: 1_000_000)
      if Clock.monotonicNanoseconds() >= deadline {
        return problems.append("process \(left.pid) was killed and has not ended in 30 s")
      }
    }
  }

  /// Long enough for the others to go on without it for a while.
  private mutating func pause() { Clock.sleep(nanoseconds: random.below(300_000_000)) }

  private mutating func stopAndKill(_ process: ProcessIdentity?) {
    signal(process, SIGSTOP)
    pause()
    signal(process, SIGKILL)
  }

  private func fillDisk() throws {
    guard let disk else { return }
    let file = try Descriptor(opening: disk + "/filler", .readWrite, .create)
    var offset = 0
    var piece = 1 << 30
    // What cannot be had in one piece is asked for in smaller ones, down to the last block.
    while piece >= 1024 {
      if posix_fallocate(file.rawValue, offset, piece) == 0 { offset += piece } else { piece /= 2 }
    }
  }

  /// The path and the size of the image of one of the volumes; nil where it is not made yet, or is gone again.
  private mutating func someImage() throws -> (path: String, bytes: Int)? {
    guard let run = try Directory.names(in: paths.work).first(where: { $0.hasPrefix("failover-bench-") }) else {
      return nil
    }
    let path = "\(paths.work)/\(run)/images/volume-\(1 + random.below(4)).img"
    var status = stat()
    guard clinux_stat(path, &status) == 0, status.st_size > 0 else { return nil }
    return (path, Int(status.st_size))
  }

  private mutating func truncateImage() throws {
    guard let image = try someImage() else { return }
    _ = truncate(image.path, Int(random.below(UInt64(image.bytes))))
  }

  private mutating func overwriteImage() throws {
    guard let image = try someImage(), let file = try? Descriptor(opening: image.path, .readWrite) else { return }
    let noise = [UInt8](repeating: 0xA5, count: 1 << 20)
    // Half of the time where the file system keeps what it needs for a mount.
    let offset = random.below(2) == 0 ? 0 : Int(random.below(UInt64(image.bytes)))
    _ = noise.withUnsafeBytes { pwrite(file.rawValue, $0.baseAddress, $0.count, offset) }
  }

  private mutating func detachLoop() throws {
    let numbers = try Directory.names(in: "/sys/block").filter { name in
      name.hasPrefix("loop")
        && KernelFile.trimmed("/sys/block/\(name)/loop/backing_file")?.hasPrefix(paths.work) == true
    }
    guard !numbers.isEmpty else { return }
    let name = numbers.sorted()[Int(random.below(UInt64(numbers.count)))]
    guard let device = try? Descriptor(opening: "/dev/\(name)", .readWrite) else { return }
    _ = clinux_loop_clear(device.rawValue)
  }

  private mutating func startSecond(isFirstAlive: Bool) throws {
    var other = RoundPaths(root: paths.root + "/second")
    try Directory.make(other.root)
    // In the other half of the rounds it has a state directory of its own, as a run in another container has.
    let sharesState = random.below(2) == 0
    try Directory.make(other.root + "/work")
    other.work = other.root + "/work"
    var arguments = CampaignRun.arguments(other, memory: memory)
    if sharesState, let index = arguments.firstIndex(of: "--state-dir") { arguments[index + 1] = paths.state }
    let answer = try Answer(program, arguments, log: other.log)
    switch answer.ending {
    case .exited(69) where answer.text.contains("another"): break
    // The first was over by the time that the second asked for the lock.
    case .exited(0): break
    default: problems.append("the second run \(answer.ending): \(answer.text.prefix(300))")
    }
  }
}
