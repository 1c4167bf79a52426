import ArgumentParser
import CLinux
import Experiment
import LinuxSystem

/// The campaign's command; started by scripts/fault-campaign.
@main
struct FaultCampaign: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fault-campaign",
    abstract: "Start small real runs, do one thing to each at a random instant, and hold the host against what it was.")

  @Option(help: "How many rounds.") var rounds = 200
  @Option(help: "All that is random comes from it; printed, so that a campaign can be repeated.") var seed: UInt64?
  @Option(help: "Do this one round of the campaign.") var only: Int?
  @Option(help: "Only rounds of faults whose name contains this.") var fault: String?
  @Option(
    help: ArgumentHelp("Rounds of the second experiment have so much memory in a movable zone.", valueName: "size"))
  var divide: String?
  @Option(help: "The program under test.") var program: String
  @Option(help: ArgumentHelp("Where the rounds have their files.", valueName: "dir")) var directory = "/var/tmp"

  func run() throws {
    let seed = seed ?? Clock.unixNanoseconds() % 1_000_000
    let plan = RoundPlan(seed: seed)
    let root = "\(directory)/fault-campaign-\(getpid())"
    try Directory.make(root)
    let largeMebibytes = try Self.largeMebibytes()
    let (phaseSeconds, memory) = try RoundPerformer.calibrate(
      program: program, root: root, largeMebibytes: largeMebibytes, division: divide)
    let pairs = RoundPlan.pairs.count
    print(
      "seed \(seed), \(only.map { "round \($0)" } ?? "\(rounds) rounds") of \(pairs) pairs of fault and phase, machines of \(memory.largeMebibytes) and \(memory.smallMebibytes) MiB"
    )
    let performer = RoundPerformer(program: program, root: root, phaseSeconds: phaseSeconds, memory: memory)
    var results: [RoundResult] = []
    for number in only.map({ $0...$0 }) ?? 1...max(rounds, 1) {
      let round = plan.round(number)
      if let fault, !round.fault.rawValue.contains(fault) { continue }
      let result = try performer.perform(round)
      results.append(result)
      print(Self.line(result))
      for problem in result.problems { print("    PROBLEM: \(problem)") }
      for leftover in result.leftovers { print("    LEFT: \(leftover)") }
      if !result.problems.isEmpty {
        print("    again: scripts/fault-campaign --seed \(seed) --only \(number)   (kept: \(root)/round-\(number))")
      }
      guard result.leftovers.isEmpty else { break }
      if result.problems.isEmpty { try Tree.remove("\(root)/round-\(number)") }
    }
    let bad = results.count { !$0.problems.isEmpty || !$0.leftovers.isEmpty }
    print("\n" + CampaignTable.text(results))
    print(
      "seed \(seed): \(results.count) rounds, \(results.count - bad) as they must be, \(bad) not, \(results.count { !$0.leftovers.isEmpty }) with anything left"
    )
    if bad == 0 { try Tree.remove(root) } else { throw ExitCode.failure }
  }

  private static func line(_ result: RoundResult) -> String {
    let round = result.round
    let instant = Int(round.instant * 100)
    let late = result.struckInTime ? "" : ", too late"
    return
      "\(round.number)  \(round.fault.rawValue) in \(round.phase.rawValue) at \(instant) %: \(result.ending)\(late)"
      + (result.problems.isEmpty && result.leftovers.isEmpty ? "" : "  NOT AS IT MUST BE")
  }

  private static func largeMebibytes() throws -> Int {
    let text = try KernelFile.read("/proc/meminfo")
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw CampaignError("/proc/meminfo tells no MemTotal") }
    return kilobytes / 1024 - 256
  }
}
