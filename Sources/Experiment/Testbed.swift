/// A machine that the experiment can be done on: the real host, or a model of one.
///
/// Synchronous and at the grain of a phase and a mount, never of an operation: a testbed holds noncopyable handles, measures
/// the CPU time of the one thread that does the work, and must be torn down even when the run is cancelled; none of the three
/// goes together with `async`.
public protocol Testbed: ~Copyable {
  /// What this testbed cannot tell or do, and why. Known once `prepare` has run.
  var capabilities: Capabilities { get }

  mutating func prepare(_ context: some RunContext) throws(TestbedFailure)
  mutating func settle(_ context: some RunContext) throws(TestbedFailure) -> StartState
  mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord
  mutating func rewrite(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord
  mutating func pin(_ context: some RunContext) throws(TestbedFailure) -> PinRecord
  mutating func inject(_ context: some RunContext) throws(TestbedFailure) -> InjectRecord
  /// What is to be done before the failover and is no part of it, such as settings that come into force just before the mounts.
  mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure)
  /// Observes the memory that the mounts find, and starts the failover's clock.
  mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure)
  /// Mounts file system `number`, 1 for the first, and observes the memory after it.
  ///
  /// Both go on record: through the context, or, where that would change what is measured, into a log that whoever supervises the run
  /// reads. A service that stops is a value of the record, not an error.
  ///
  mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> FailoverStep
  /// The last mount has been tried.
  mutating func endFailover(_ context: some RunContext) throws(TestbedFailure)
  /// What is to be done behind the failover and is no part of it, such as reading what an instrument has kept meanwhile. Not where the
  /// failover has broken off.
  mutating func concludeFailover(_ context: some RunContext) throws(TestbedFailure)
  /// The kernel's own texts as they stand now, by name ("buddyinfo"); kept around each phase so that figures can be checked
  /// and recomputed. Empty where there is no kernel.
  borrowing func kernelTexts() -> [String: String]
  /// What the program itself has taken of the machine since this was last asked; nil where there is no machine.
  mutating func toolCost() -> ToolCost?
  /// Puts everything back. Never throws and runs once; what could not be put back is named.
  consuming func tearDown() -> Leftovers
}

extension Testbed where Self: ~Copyable {
  public mutating func concludeFailover(_ context: some RunContext) throws(TestbedFailure) {}
}

/// What a mount means for those after it.
public enum FailoverStep: Equatable, Sendable {
  case mounted
  /// It was not mounted.
  case stopped
  /// Neither did it, and with it went what fragments the memory: mounts after it would be of another experiment.
  case over

  /// A degraded service is mounted, and those after it have nothing to wait for.
  public init(_ outcome: MountOutcome) { self = outcome.isMounted ? .mounted : .stopped }
}

/// What a testbed cannot tell: each with its reason. A quantity that is missing from the records has its line here.
public struct Capabilities: Equatable, Sendable, Codable {
  public struct Unavailable: Equatable, Sendable, Codable {
    public let what: String
    public let reason: String

    public init(what: String, reason: String) {
      self.what = what
      self.reason = reason
    }
  }

  public var unavailable: [Unavailable]

  public init(unavailable: [Unavailable] = []) { self.unavailable = unavailable }
}

/// What could not be put back, each line naming the thing and what holds it. Empty when everything was put back.
public struct Leftovers: Equatable, Sendable, Codable {
  public var items: [String]

  public init(items: [String] = []) { self.items = items }
}

/// Time, cancellation and progress, given to a testbed from outside so that tests can control them.
public protocol RunContext {
  /// A clock that never goes back; only differences mean anything.
  func monotonicNanoseconds() -> UInt64
  /// Throws a failure of kind `cancelled` once the run is to end. Loops call it every few thousand operations.
  func checkpoint() throws(TestbedFailure)
  /// How far the current phase has got.
  func progress(done: UInt64, total: UInt64)
  /// Something worth reporting while the run goes on.
  func report(_ event: RunEvent)
  /// Waits until everything reported so far has been put on record, so that nobody writes files while something is measured.
  func waitUntilRecorded() throws(TestbedFailure)
}

extension RunContext {
  public func waitUntilRecorded() throws(TestbedFailure) {}
}

/// Why the run itself could not go on. A mount that fails is not one of these.
public struct TestbedFailure: Error, Equatable, Sendable, Codable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable {
    /// The user asked to stop.
    case cancelled
    /// The environment lacks what the scenario needs.
    case environment
    /// Something broke on the way: disk full, a device gone.
    case fault
    /// The pressure helper is gone or stopped at its memory margin.
    case helper
  }

  public let kind: Kind
  /// What was being done, as in "attach the loop device".
  public let operation: String
  /// To what: a path, a device, a setting. May be empty.
  public let subject: String
  /// errno where the kernel gave one.
  public let errorNumber: Int32?
  /// The error in words.
  public let reason: String
  /// What to do next; empty where there is nothing to say.
  public let advice: String

  public init(
    _ kind: Kind, operation: String, subject: String = "", errorNumber: Int32? = nil, reason: String,
    advice: String = ""
  ) {
    (self.kind, self.operation, self.subject, self.errorNumber) = (kind, operation, subject, errorNumber)
    (self.reason, self.advice) = (reason, advice)
  }

  public static let cancelled = TestbedFailure(.cancelled, operation: "run", reason: "cancelled")

  public var description: String {
    var text = "cannot \(operation)"
    if kind == .cancelled { return "cancelled" }
    if !subject.isEmpty { text += " \(subject)" }
    text += ": \(reason)"
    if !advice.isEmpty { text += "; \(advice)" }
    return text
  }
}
