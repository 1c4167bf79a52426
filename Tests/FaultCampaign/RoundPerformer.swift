import CLinux
import Experiment
import LinuxSystem

/// What a round came to.
struct RoundResult {
  let round: Round
  /// Whether the run was still going on when the fault struck.
  let struckInTime: Bool
  let ending: ChildProcess.Ending
  /// What is not as it must be, a line each.
  let problems: [String]
  /// What is left on the host in spite of everything: no further round can be judged.
  let leftovers: [String]
}

/// Does rounds, one at a time.
struct RoundPerformer {
  /// The program under test.
  let program: String
  /// The campaign's own directory.
  let root: String
  /// How long each phase takes when nothing happens.
  let phaseSeconds: [Phase: Double]
  let memory: MachineSizes
  /// How long survivors may take to put the host back.
  static let timeoutNanoseconds: UInt64 = 60_000_000_000

  /// How long each phase of an undisturbed run takes, and how small the machine can be made today.
  static func calibrate(
    program: String, root: String, largeMebibytes: Int, division: String?
  ) throws -> ([Phase: Double], MachineSizes) {
    var sizes = MachineSizes(largeMebibytes: largeMebibytes, smallMebibytes: 2048, division: division)
    var seconds: [Phase: Double] = [:]
    // The second last: what both have takes as long as in it, in most rounds.
    for (name, small) in [("first", SmallRun.first), ("second", .second)] {
      while true {
        let paths = RoundPaths(root: "\(root)/\(name)-\(sizes.smallMebibytes)")
        try Directory.make(paths.root)
        try Directory.make(paths.work)
        let ending = try CampaignRun(program, paths, small, memory: sizes).wait()
        let text = (try? KernelFile.read(paths.log)) ?? ""
        if ending == .exited(0) {
          seconds.merge(try RoundCheck.phaseSeconds(paths.results)) { $1 }
          break
        }
        guard text.contains("cannot hold memory back"), sizes.smallMebibytes < 6144 else {
          throw CampaignError("an undisturbed run has failed: \(text)")
        }
        // Others have too much of it, or hold it in pieces.
        sizes.smallMebibytes += 1024
      }
    }
    return (seconds, sizes)
  }

  func perform(_ round: Round) throws -> RoundResult {
    var round = round
    let directory = "\(root)/round-\(round.number)"
    try Directory.make(directory)
    var paths = RoundPaths(root: directory)
    guard round.fault.needsSmallDisk else {
      try Directory.make(paths.work)
      return try perform(&round, paths, nil)
    }
    // The images of four volumes take 66 MB each, their logs; the results some hundred kilobytes.
    let isForImages = round.fault == .imagesDiskFull
    let disk = try SmallDisk(
      image: directory + "/disk.img", path: directory + "/disk", bytes: (isForImages ? 512 : 8) << 20)
    if isForImages { paths.work = disk.path + "/work" } else { paths.results = disk.path + "/results" }
    try Directory.make(paths.work)
    let result = Result { try perform(&round, paths, disk.path) }
    try disk.remove()
    return try result.get()
  }

  private func perform(_ round: inout Round, _ paths: RoundPaths, _ disk: String?) throws -> RoundResult {
    let check = try HostCheck(root: root)
    let run = try CampaignRun(program, paths, round.run, memory: memory)
    var strike = Strike(
      fault: round.fault, paths: paths, disk: disk, program: program, memory: memory, random: round.random)
    if run.waitUntil(round.phase) {
      Clock.sleep(nanoseconds: UInt64(round.instant * (phaseSeconds[round.phase] ?? 0) * 1e9))
    }
    let struckInTime = !run.process.hasEnded(withinNanoseconds: 0)
    try strike.now(run)
    let failoverHadBegun = run.hasEnded(round.phase == .inject ? .inject : .pin)
    var problems = strike.problems
    if !run.process.hasEnded(withinNanoseconds: Self.timeoutNanoseconds * 2) {
      problems.append("the run has not ended two minutes after the fault")
      run.process.signal(SIGKILL)
    }
    let ending = run.wait()
    let text = (try? KernelFile.read(paths.log)) ?? ""
    let aftermath = Aftermath(performer: self, check: check, paths: paths, strike: strike)
    problems += try aftermath.problems(round.fault, struckInTime: struckInTime, ending: ending)
    problems += RoundCheck(
      fault: round.fault, phase: round.phase, struckInTime: struckInTime, failoverHadBegun: failoverHadBegun,
      ending: ending, text: text, strike: strike
    )
    .problems(results: paths.results)
    return RoundResult(
      round: round, struckInTime: struckInTime, ending: ending, problems: problems,
      leftovers: try check.difference(work: paths.work, state: paths.state))
  }
}
