/// What a restore did.
public struct RestoreReport: Equatable, Sendable {
  /// A change that was not put back, and why.
  public struct Exception: Equatable, Sendable {
    public var change: HostChange
    public var reason: String

    public init(_ change: HostChange, _ reason: String) {
      self.change = change
      self.reason = reason
    }
  }

  public var restored: [HostChange] = []
  /// Never made, or put back by somebody before.
  public var alreadyAsBefore: [HostChange] = []
  /// Found changed by somebody else since: left as it is, and no longer this journal's business.
  public var foreignValue: [Exception] = []
  /// Still to be put back; the journal stays.
  public var leftovers: [Exception] = []
  /// What went wrong with the journal itself.
  public var problems: [String] = []
  /// What is worth knowing and asks for nothing.
  public var notices: [String] = []
  /// Set when nothing was touched because the run still goes on (or may, for all that can be seen).
  public var refusal: String?

  public init() {}

  /// Nothing is left that this journal owns, and nothing is unknown.
  public var isClean: Bool { leftovers.isEmpty && problems.isEmpty && refusal == nil }

  /// One line for each thing that a user should read.
  public var lines: [String] {
    var lines: [String] = []
    if let refusal { lines.append("nothing was touched: \(refusal)") }
    lines += restored.map { "restored: \($0)" }
    lines += foreignValue.map { "left alone: \($0.change): \($0.reason)" }
    lines += leftovers.map { "LEFT OVER: \($0.change): \($0.reason)" }
    lines += problems.map { "problem: \($0)" }
    lines += notices.map { "note: \($0)" }
    // Reasons hold what was found on the host, names of others' among them.
    return lines.map { printable($0) }
  }
}

/// By what right a restore is called.
public enum RestoreAuthority: Equatable, Sendable {
  /// A process of the run itself: the supervisor, or one that survived it. Refused while another supervisor lives.
  case processOfTheRun
  /// `cleanup` or a second run, holding the `HostLock`: no process of any run on this host is left that holds it.
  case hostLockHeld
}
