import Analysis
public import Experiment

/// Free memory before and after the mounts, as a chart has it.
extension RunFigures {
  /// Free memory at one time.
  public struct FreeMemory: Equatable, Sendable {
    let smallBytes: UInt64
    let largeBytes: UInt64

    /// - Parameters:
    ///   - freeBytes: all of it.
    ///   - largeFreeBytes: of it in blocks of 64 kB or more.
    public init(freeBytes: UInt64, largeFreeBytes: UInt64) {
      smallBytes = freeBytes - min(largeFreeBytes, freeBytes)
      largeBytes = largeFreeBytes
    }

    init(_ state: MemoryState) {
      self.init(
        freeBytes: state.freeBytes(fromOrder: 0), largeFreeBytes: state.freeBytes(fromOrder: state.largeBlockOrder))
    }
  }

  /// `memory.csv`: MiB free at the start, before and after the mounts, in large and in small blocks.
  ///
  /// - Parameter model: the model's memory after its mounts; nil where it was not run, or its table does not say.
  public static func memoryCSV(_ record: RunRecord, _ observations: [Observation], model: FreeMemory? = nil) -> String {
    let rows = [
      ("start", (record.start?.state).map(FreeMemory.init)), ("before", observations.stateBefore.map(FreeMemory.init)),
      ("after", observations.stateAfter.map(FreeMemory.init)), ("model after", model),
    ]
    func mebibytes(_ bytes: UInt64) -> String { HumanNumber.fixed(Double(bytes) / 1_048_576, decimals: 2) }
    return "when,large_mib,small_mib\n"
      + rows.compactMap { when, memory in
        memory.map { "\(when),\(mebibytes($0.largeBytes)),\(mebibytes($0.smallBytes))\n" }
      }.joined()
  }
}
