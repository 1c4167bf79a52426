import Experiment
import KernelText
import LinuxSystem

/// Traces a whole failover and looks at nothing before it is over: the kernel keeps the events in buffers that were there before, and
/// which of them belong to which mount is told by the clock.
struct FailoverTrace: ~Copyable {
  private let instance: TraceInstance
  /// The one that made it.
  private let thread: Int
  private let bufferBytes: UInt64

  /// Makes the instance and fills its buffers. Their memory is the kernel's and cannot be moved, so this comes before the memory is
  /// fragmented.
  ///
  /// - Parameter memoryBytes: of the machine, as far as it is not held back.
  static func make(
    runID: String, memoryBytes: UInt64, journal: inout RunJournal
  ) throws(TestbedFailure) -> FailoverTrace {
    let kilobytes = bufferKilobytes(memoryBytes: memoryBytes, processors: Machine.processorCount)
    do throws(SystemError) {
      let instance = try TraceInstance.make(
        runID: runID, events: Set(TraceEventName.allCases), bufferKilobytes: kilobytes, journal: &journal)
      let thread = try instance.ownThread()
      try instance.clear()
      return FailoverTrace(
        instance: instance, thread: thread, bufferBytes: UInt64(Machine.processorCount * kilobytes) << 10)
    } catch { throw TraceInstance.failure(error) }
  }

  private init(instance: consuming TraceInstance, thread: Int, bufferBytes: UInt64) {
    self.instance = instance
    (self.thread, self.bufferBytes) = (thread, bufferBytes)
  }

  /// For each processor, and any of them may be the one that all is done on: 8 MiB hold some 180,000 events (46 bytes each, as recorded), as
  /// far as all together stay below a 256th of the memory.
  static func bufferKilobytes(memoryBytes: UInt64, processors: Int) -> Int {
    max(512, min(8192, Int(clamping: memoryBytes >> 18) / max(1, processors)))
  }

  /// What the kernel does not tell, and why.
  func unavailable() -> [Capabilities.Unavailable] {
    let missing = Set(TraceEventName.allCases).subtracting(instance.events)
    return TraceEventName.allCases.filter(missing.contains).map {
      Capabilities.Unavailable(what: "trace of \($0.rawValue)", reason: "this kernel does not have the event")
    }
  }

  /// Has the events ready, so that no more than a switch is left to turn: to enable one the kernel changes its own code (Documentation/
  /// trace/events.rst; kernel/jump_label.c).
  func enable() throws(TestbedFailure) {
    do throws(SystemError) {
      // Smaller blocks are asked for all the time, and would push the others out.
      try instance.filter(.allocation, "order>=\(AllocationTrace.leastOrder)")
      try instance.enable()
    } catch { throw TestbedFailure(error, doing: "set up the trace instance") }
  }

  func begin() throws(TestbedFailure) {
    do throws(SystemError) { try instance.resume() } catch { throw TestbedFailure(error, doing: "trace the failover") }
  }

  func end() throws(TestbedFailure) {
    do throws(SystemError) { try instance.pause() } catch { throw TestbedFailure(error, doing: "trace the failover") }
  }

  /// Reads it all.
  func read(_ windows: FailoverWindows) throws(TestbedFailure) -> AllocationTrace {
    var tally = FailoverTally(windows, thread: thread)
    do throws(TraceReadError) {
      try instance.read { line throws(KernelTextError) in try tally.take(line: line) }
      return tally.trace(
        migrateTypeNames: MigrateTypes.names(), traced: instance.events, lostEvents: try instance.lostEvents(),
        bufferBytes: bufferBytes)
    } catch { throw error.failure(doing: "trace of the failover") }
  }
}
