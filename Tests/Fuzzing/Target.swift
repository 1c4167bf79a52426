/// A reader of something that somebody else may have written.
enum Target: String, CaseIterable {
  /// Texts of /proc; the first byte chooses the parser.
  case proc
  /// Lines of the kernel's tracing.
  case trace
  /// Scenario and sweep files (YAML).
  case scenario
  /// run.json.
  case record
  /// observations.ndjson, and the events between the processes.
  case observations
  /// model.csv.
  case csv
  /// The plan of a sweep.
  case plan
  /// The allocation profile of a mount.
  case profile
  /// The journal, with right checksums and without.
  case journal
  /// Putting back what such a journal says.
  case restore
  /// The pressure helper's requests and replies.
  case `protocol`
  /// Everything that is an option of the command: sizes, durations, demands, patterns, settings, knobs, requirements.
  case sizes

  func read(_ bytes: [UInt8]) {
    switch self {
    case .proc: KernelTargets.proc(bytes)
    case .trace: KernelTargets.trace(bytes)
    case .scenario: FileTargets.scenario(bytes)
    case .record: FileTargets.record(bytes)
    case .observations: FileTargets.observations(bytes)
    case .csv: FileTargets.csv(bytes)
    case .plan: FileTargets.plan(bytes)
    case .profile: FileTargets.profile(bytes)
    case .journal: JournalTarget.read(bytes)
    case .restore: RestoreTarget.restore(bytes)
    case .protocol: WordTargets.messages(bytes)
    case .sizes: WordTargets.sizes(bytes)
    }
  }
}
