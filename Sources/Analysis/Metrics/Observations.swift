public import Experiment

extension [Observation] {
  /// What memory looked like after each mount, by the number of that mount; 0 is before the first.
  public var statesByMount: [Int: MemoryState] {
    Dictionary(map { ($0.afterMount, $0.state) }, uniquingKeysWith: { first, _ in first })
  }

  /// Before the first mount; nil where it was not observed.
  public var stateBefore: MemoryState? { first { $0.afterMount == 0 }?.state }

  /// By how much a counter grew from before the first mount to after the last one; nil where either is not known.
  func growth(of counter: ([String: UInt64]) -> UInt64?) -> UInt64? {
    ReclaimCounters.growth(
      from: stateBefore.flatMap { counter($0.counters) }, to: stateAfter.flatMap { counter($0.counters) })
  }

  /// After the last mount that was observed; nil where none was.
  public var stateAfter: MemoryState? { filter { $0.afterMount > 0 }.max { $0.afterMount < $1.afterMount }?.state }
}
