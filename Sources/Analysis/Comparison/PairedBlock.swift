import Experiment

/// How the runs of two sides were spread over time, which decides what may be said of them.
public enum ComparisonDesign: String, Sendable, Encodable {
  /// Each round of a sweep has a run of every setting, in random order.
  case rounds
  /// The sides were measured in turns, A B A B: each turn of both is a block. The same side comes first in each, so that a steady drift of the
  /// machine looks like an effect, which that of ``rounds`` does not.
  case batches
  /// Each side by itself. Whatever else was different between the two sittings is in the difference, and nothing tells how much that is.
  case sessions
  /// Settings of a sweep, which are judged by its plan and at its looks, and not by whoever picks some of them. Of one sweep they are paired by its
  /// rounds all the same.
  case planned

  var hasVerdicts: Bool { self == .rounds || self == .batches }
}

/// Runs of both sides that were made close together.
///
/// The block is the unit of statistics, never the mount, and the run only where a block has one of each side: the mounts of a run share one
/// memory, and the runs of a batch one sitting.
public struct PairedBlock: Equatable, Sendable {
  public var base: [ComparedRun] = []
  public var new: [ComparedRun] = []
  /// Runs that broke: they have no figures, and count as failovers that were lost.
  public var brokenBase = 0
  public var brokenNew = 0

  public init() {}

  /// Whether both sides have a run in it, be it a broken one.
  var isWhole: Bool { base.count + brokenBase > 0 && new.count + brokenNew > 0 }

  /// What a side's runs in this block come to, their median; nil where it is not known.
  ///
  /// - Parameters:
  ///   - count: as of ``Metric/value(of:firstMounts:)``.
  ///   - broken: the worst value, which a broken run has; nil where it has none.
  func values(_ metric: Metric, firstMounts count: Int?, broken: Double?) -> (base: Double, new: Double)? {
    func unit(_ runs: [ComparedRun], _ brokenRuns: Int) -> Double? {
      let values = runs.compactMap { metric.value(of: $0, firstMounts: count) }
      guard values.count == runs.count, brokenRuns == 0 || broken != nil else { return nil }
      let all = values + Array(repeating: broken ?? 0, count: brokenRuns)
      // Of failovers the share that was complete.
      return metric == .failoversComplete
        ? all.isEmpty ? nil : all.reduce(0, +) / Double(all.count) : Quantile.linear(of: all, at: 0.5)
    }
    guard let old = unit(base, brokenBase), let value = unit(new, brokenNew) else { return nil }
    return (old, value)
  }

  /// The rounds of a sweep that have a run of both settings; empty for settings of two sweeps.
  static func rounds(_ base: ComparisonSide.OfSweep, _ new: ComparisonSide.OfSweep) -> [PairedBlock] {
    base.sweep == new.sweep ? rounds((base.rounds, base.broken), (new.rounds, new.broken)) : []
  }

  /// A run that broke stands for a failover that was lost.
  static func rounds(
    _ base: (runs: [Int: ComparedRun], broken: Set<Int>), _ new: (runs: [Int: ComparedRun], broken: Set<Int>)
  ) -> [PairedBlock] {
    base.broken.union(base.runs.keys).intersection(new.broken.union(new.runs.keys)).sorted().map { round in
      var block = PairedBlock()
      if let run = base.runs[round] { block.base = [run] } else { block.brokenBase = 1 }
      if let run = new.runs[round] { block.new = [run] } else { block.brokenNew = 1 }
      return block
    }
  }

  /// The blocks of two sides that were measured in turns, by when their runs began; empty where they were not, which takes two turns of each.
  ///
  /// Runs of another machine or another boot begin a new turn.
  static func alternating(_ base: ComparisonSide, _ new: ComparisonSide) -> [PairedBlock] {
    // Nobody knows when a run without a record was made.
    guard base.brokenWithoutRecord + new.brokenWithoutRecord == 0 else { return [] }
    let entries = (base.all.map { ($0, false) } + new.all.map { ($0, true) }).sorted {
      ($0.0.record.host.sitting, $0.0.record.startedAtUnixNanoseconds)
        < ($1.0.record.host.sitting, $1.0.record.startedAtUnixNanoseconds)
    }
    var blocks: [PairedBlock] = []
    var last: (sitting: String, isNew: Bool)?
    for (run, isNew) in entries {
      let sitting = run.record.host.sitting
      // A third turn begins the next block, and so does another machine.
      let isTurn = last?.isNew != isNew
      if last == nil || last?.sitting != sitting || isTurn && blocks.last?.isWhole == true {
        blocks.append(PairedBlock())
      }
      last = (sitting, isNew)
      let place = blocks.count - 1
      switch (isNew, run.record.status == .complete) {
      case (false, true): blocks[place].base.append(run)
      case (false, false): blocks[place].brokenBase += 1
      case (true, true): blocks[place].new.append(run)
      case (true, false): blocks[place].brokenNew += 1
      }
    }
    let whole = blocks.filter(\.isWhole)
    return whole.count >= 2 ? whole : []
  }
}

extension HostFacts {
  /// Runs with the same were made on one machine since one boot, as far as records tell.
  fileprivate var sitting: String {
    [bootID ?? "", kernelVersion, kernelCommandLine, cpuModel ?? "", "\(memoryTotalBytes)"].joined(separator: "\n")
  }
}
