import ArgumentParser
import Experiment
import LinuxHost
import RecordFiles
import Supervision

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything that a run of the scenario needs, and say how to fix what is missing.")

  @OptionGroup(title: "Scenario") var scenarioOptions: ScenarioOptions
  @OptionGroup(title: "Host") var hostOptions: HostOptions
  @Flag(help: "Print the checks as JSON.") var json = false

  func run() throws {
    let scenario = try scenarioOptions.resolve()
    let checks = try Self.preflight(scenario, hostOptions).checks()
    if json {
      print(try PrettyJSON.text(checks), terminator: "")
    } else {
      for check in checks { print(check.line()) }
      print(Self.verdict(checks, scenario))
    }
    if checks.contains(where: { $0.status == .problem }) { throw ExitCode(ExitStatus.environment.rawValue) }
  }

  static func preflight(_ scenario: Scenario, _ host: HostOptions, tracing: Preflight.Tracing = .wanted) throws
    -> Preflight
  {
    Preflight(
      scenario: scenario, workDirectory: try host.absoluteWorkDirectory(),
      stateDirectory: try host.absoluteStateDirectory(),
      helperPath: Programs.expectedHelperPath(), mkfsPath: Programs.find(scenario.volumes.fileSystem.mkfsName),
      workloadMkfsPath: Programs.find(VolumeFileSystem.xfs.mkfsName),
      pinModulePath: host.pinModule, tracing: tracing)
  }

  private static func verdict(_ checks: [Check], _ scenario: Scenario) -> String {
    let problems = checks.count { $0.status == .problem }
    let warnings = checks.count { $0.status == .warning }
    let counted =
      "\(checks.count) checks, \(warnings) warning\(warnings == 1 ? "" : "s"), "
      + "\(problems) problem\(problems == 1 ? "" : "s")"
    return problems == 0
      ? "\(counted): \(scenario.name) can run here"
      : "\(counted): \(scenario.name) cannot run here until they are fixed"
  }
}
