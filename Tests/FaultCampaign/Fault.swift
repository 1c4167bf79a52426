import Experiment

/// What may happen to a run, one thing a round.
enum Fault: String, CaseIterable, Sendable {
  case supervisorKilled = "supervisor: SIGKILL"
  case supervisorTerminated = "supervisor: SIGTERM"
  case supervisorStopped = "supervisor: SIGSTOP, SIGKILL"
  case testbedKilled = "testbed: SIGKILL"
  case testbedTerminated = "testbed: SIGTERM"
  case testbedStopped = "testbed: SIGSTOP, SIGKILL"
  case helperKilled = "helper: SIGKILL"
  case helperTerminated = "helper: SIGTERM"
  case helperStopped = "helper: SIGSTOP, SIGKILL"
  case allKilled = "all three: SIGKILL"
  case resultsDiskFull = "disk of the results full"
  case imagesDiskFull = "disk of the images full"
  case imageTruncated = "image truncated"
  case imageOverwritten = "image overwritten"
  case loopDetached = "loop device detached"
  case marginHit = "memory margin hit"
  case settingChanged = "setting changed by another"
  case secondRun = "second run at once"
  case staleJournal = "stale journal"
  case journalCut = "journal cut at any byte"

  /// During which phases it may strike.
  var phases: [Phase] {
    switch self {
    // The margin is the memory's, and only pinning comes near it.
    case .marginHit: [.pin]
    // A third of the time an injection is near the end of the memory: the helper is what matters then.
    case .supervisorKilled, .testbedKilled, .helperKilled, .helperStopped, .allKilled, .supervisorTerminated:
      [.prepare, .settle, .populate, .rewrite, .pin, .inject, .failover, .teardown]
    default: [.prepare, .settle, .populate, .rewrite, .pin, .failover, .teardown]
    }
  }

  /// Whether nobody is left who could put the host back, so that one `cleanup` must.
  var leavesNobody: Bool {
    switch self {
    case .allKilled, .staleJournal, .journalCut: true
    default: false
    }
  }

  /// Where the results and the images lie on file systems of their own, small enough to be filled.
  var needsSmallDisk: Bool { self == .resultsDiskFull || self == .imagesDiskFull }
}

/// The two experiments, small, with everything in them that must be put back: ballast, settings, nodes, mounts, pinned pages, held blocks.
enum SmallRun: Sendable {
  /// Files and rewrites, then pages pinned.
  case second
  /// The pattern of pinned and transient pages, up to the end of the memory of a small machine.
  case first
  /// The second, asked to pin more than the margin allows.
  case secondUpToTheMargin

  var phases: [Phase] {
    self == .first
      ? [.prepare, .settle, .inject, .failover, .teardown]
      : [.prepare, .settle, .populate, .rewrite, .pin, .failover, .teardown]
  }

  func arguments(_ memory: MachineSizes) -> [String] {
    switch self {
    case .second:
      [
        "--scenario", "quick", "--files", "6000", "--rewrites", "12000", "--pin", "64MiB", "--memory",
        "\(memory.largeMebibytes)MiB",
        // Most of the failover is in the services.
        "--service-files", "300", "--service-file-size", "16B-4KiB",
      ] + (memory.division.map { ["--memory-division", $0] } ?? [])
    case .first: ["--scenario", "paper-env1", "--memory", "\(memory.smallMebibytes)MiB"]
    case .secondUpToTheMargin:
      [
        "--scenario", "quick", "--files", "6000", "--rewrites", "12000", "--pin",
        "\(memory.smallMebibytes * 15 / 16)MiB", "--memory",
        "\(memory.smallMebibytes)MiB",
      ]
    }
  }
}

/// What the machine is cut down to.
struct MachineSizes: Sendable {
  /// A little less than there is, so that there is ballast to give back.
  let largeMebibytes: Int
  /// As little as this machine can be made: the end of it is soon reached.
  var smallMebibytes: Int
  /// What of the second experiment's memory becomes a movable zone; nil for none.
  var division: String?
}

/// One round: what strikes, when, and the random numbers for everything else.
struct Round: Sendable {
  let number: Int
  let fault: Fault
  let phase: Phase
  /// 0 to 1: how far into the phase, as long as that took in an undisturbed run.
  let instant: Double
  var run: SmallRun { phase == .inject ? .first : fault == .marginHit ? .secondUpToTheMargin : .second }
  /// Everything else that is left to chance in the round.
  var random: RandomGenerator
}

/// The order of the rounds: all pairs of fault and phase once before any comes again, shuffled, so that few rounds are spread well and
/// many are balanced. Each round is made of the seed and its number alone, and can be repeated alone.
struct RoundPlan: Sendable {
  let seed: UInt64

  static let pairs: [(fault: Fault, phase: Phase)] = Fault.allCases.flatMap { fault in fault.phases.map { (fault, $0) }
  }

  func round(_ number: Int) -> Round {
    precondition(number >= 1)
    let cycle = (number - 1) / Self.pairs.count
    var order = RandomGenerator(seed: seed &+ UInt64(cycle) &* 0x9E37_79B9_7F4A_7C15)
    let pair = Self.pairs.shuffled(using: &order)[(number - 1) % Self.pairs.count]
    var random = RandomGenerator(seed: seed ^ (UInt64(number) &* 0xD134_2543_DE82_EF95))
    let instant = Double(random.below(1_000_000)) / 1_000_000
    return Round(number: number, fault: pair.fault, phase: pair.phase, instant: instant, random: random)
  }
}
