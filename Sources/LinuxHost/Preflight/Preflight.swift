public import Experiment
import LinuxSystem

/// All that a run of one scenario needs of a machine, looked at before anything is touched.
public struct Preflight {
  /// Whether the failover is to be traced.
  public enum Tracing: Sendable {
    /// It is asked for: without it there is no run.
    case needed
    /// Where it can be.
    case wanted
    case unwanted
  }

  let scenario: Scenario
  let probe: HostProbe
  let tracing: Tracing

  /// Reads the machine.
  public init(
    scenario: Scenario, workDirectory: String, stateDirectory: String, helperPath: String, mkfsPath: String?,
    workloadMkfsPath: String? = nil, pinModulePath: String? = nil, tracing: Tracing = .wanted
  ) {
    var probe = HostProbe.read(
      sysctls: scenario.neededSettings, workDirectory: workDirectory, stateDirectory: stateDirectory,
      helperPath: helperPath, mkfsPath: mkfsPath, pinModulePath: pinModulePath)
    probe.workloadMkfsPath = workloadMkfsPath
    probe.readVolumes(scenario)
    self.init(scenario: scenario, tracing: tracing, probe: probe)
  }

  init(scenario: Scenario, tracing: Tracing = .wanted, probe: HostProbe) {
    (self.scenario, self.tracing) = (scenario, tracing)
    self.probe = probe
  }

  /// Whether the run is to trace: it is wanted, and nothing stands in the way.
  public var canTrace: Bool { tracing != .unwanted && probe.traceProblem == nil }

  /// Values of the scenario that no machine of this kind could have: mistakes on the command line, reported before anything else.
  public func scenarioProblems() -> [ScenarioError] {
    var problems: [ScenarioError] = []
    if probe.activeRun != nil { return problems }
    if let memory = scenario.memoryBytes, let total = probe.memoryTotalBytes, memory > total {
      problems.append(
        ScenarioError(
          key: ScenarioKey.memory.rawValue, value: ByteSize.exactText(memory),
          expected: "none, or at most this machine's \(ByteSize.humanText(total))"))
    }
    if let total = probe.memoryTotalBytes, scenario.pattern == nil, scenario.pinBytes >= total {
      problems.append(
        ScenarioError(
          key: ScenarioKey.pin.rawValue, value: ByteSize.exactText(scenario.pinBytes),
          expected: "less than this machine's \(ByteSize.humanText(total))"))
    }
    for setting in scenario.sysctls where probe.sysctlsWritable[setting.key] == nil {
      problems.append(
        ScenarioError(
          key: ScenarioKey.sysctl.rawValue, value: setting.text,
          expected: "settings that this kernel has (there is no \(Sysctl.path(setting.key)))"))
    }
    return problems
  }

  /// In the order in which they are worth mending. While another run is on, that alone: what it does to the machine, such as dividing its memory, is not the
  /// machine's own.
  public func checks() -> [Check] {
    if let run = probe.activeRun {
      return [
        Check(
          "active-run", .problem, "another failover-bench run is active: \(run)",
          fix: "wait for it, or end it with SIGTERM")
      ]
    }
    return scenarioProblems().map { Check("scenario.\($0.key)", .problem, "\($0)", fix: "change --\($0.key)") }
      + privilegeChecks() + deviceChecks() + memoryChecks() + storageChecks() + observationChecks() + leftoverChecks()
  }

  /// How to say it in a container, and how elsewhere.
  func fix(inContainer: String, elsewhere: String) -> String {
    probe.isContainer
      ? "add to the container's command line: \(inContainer)" + (elsewhere.isEmpty ? "" : "; else: \(elsewhere)")
      : elsewhere
  }
}
