/// What a run reports while it goes on; the record of a run is the sum of its events.
public enum RunEvent: Equatable, Sendable, Codable {
  case phaseBegan(Phase, atNanoseconds: UInt64)
  case phaseEnded(Phase, durationNanoseconds: UInt64)
  case toolCost(Phase, ToolCost)
  case progress(Phase, done: UInt64, total: UInt64)
  case capabilities(Capabilities)
  case warning(String)
  /// Texts of the kernel as they stood at `label` ("prepare-begin", "failover-end"), by file name.
  case rawTexts(label: String, texts: [String: String])
  /// A setting of the host as found, and as the run set it.
  case sysctl(key: String, before: String, after: String)
  case started(StartState)
  case populated(WorkloadRecord)
  case rewritten(WorkloadRecord)
  case pinned(PinRecord)
  case injected(InjectRecord)
  case mount(MountRecord)
  case observation(Observation)
  /// As they stand when the failover begins.
  case failoverWatermarks([ZoneWatermarks])
  /// All services' work together, at the end of the failover; one operation is to create and write one file.
  case served(WorkloadRecord)
  case failoverCPU(FailoverCPU)
  /// Where the failover was traced, once it is over.
  case allocations(AllocationTrace)
  case ended(RunEnd, Leftovers)
}

/// How the testbed's part of a run ended.
public enum RunEnd: Equatable, Sendable, Codable {
  case completed
  case failed(TestbedFailure)
}
