import Analysis
import Foundation
import Report

/// The tables of `scripts/bench-model`.
enum ModelCostTable {
  /// What an operation costs on a machine of one size: the medians of its rounds.
  struct Size: Equatable {
    let gibibytes: UInt64
    let tableBytes: Int
    let nanoseconds: Double
    let operations: Double

    var nanosecondsPerOperation: Double { nanoseconds / operations }

    init(gibibytes: UInt64, of rounds: [ModelCost]) {
      self.gibibytes = gibibytes
      tableBytes = rounds.first?.tableBytes ?? 0
      nanoseconds = median(rounds.map(\.nanoseconds))
      operations = median(rounds.map(\.operations))
    }
  }

  /// Time and operations of each phase, medians of all rounds, and the memory that the model takes.
  static func phases(_ rounds: [ModelCost]) -> String {
    guard let first = rounds.first, let last = rounds.last else { return "" }
    var lines = [
      "environment 2, conventional, 4 GiB, median of \(rounds.count) rounds (seeds \(first.seed) to \(last.seed))", "",
      "phase".left(10) + "time".right(10) + "buddy operations".right(20) + "operations/s".right(16),
    ]
    func row(_ name: String, _ nanoseconds: [UInt64], _ operations: [UInt64]) {
      let (time, count) = (median(nanoseconds), median(operations))
      let rate = count > 0 ? String(format: "%.1f M", count / time * 1e3) : "-"
      lines.append(name.left(10) + String(format: "%8.3f s", time / 1e9) + grouped(count).right(20) + rate.right(16))
    }
    for index in first.phases.indices {
      row(
        first.phases[index].name, rounds.map { $0.phases[index].nanoseconds },
        rounds.map { $0.phases[index].operations })
    }
    row("all", rounds.map(\.nanoseconds), rounds.map(\.operations))
    lines += [
      "", "wanted: 0.8 s or less, 10 M operations/s or more, 24 bytes a page or less",
      String(
        format: "tables: %.1f MiB, %.1f bytes a page (pages, files, inodes)", Double(first.tableBytes) / 1_048_576,
        Double(first.tableBytes) / Double(first.pages)),
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The cost of an operation over the size of the simulated machine, with a curve beside it.
  static func sizes(_ sizes: [Size]) -> String {
    let top = sizes.map(\.nanosecondsPerOperation).max() ?? 1
    var lines = [
      "cost per operation by size of the simulated machine", "",
      "memory".right(8) + "tables".right(12) + "time".right(10) + "operations".right(16) + "ns/operation".right(14),
    ]
    for size in sizes {
      let bar = String(repeating: "#", count: Int((size.nanosecondsPerOperation / top * 40).rounded()))
      lines.append(
        String(
          format: "%4llu GiB%8.0f MiB%8.2f s", size.gibibytes, Double(size.tableBytes) / 1_048_576,
          size.nanoseconds / 1e9)
          + grouped(size.operations).right(16) + String(format: "%14.1f  ", size.nanosecondsPerOperation) + bar)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for other programs.
  static func csv(_ sizes: [Size]) -> String {
    "memory_gib,table_bytes,time_ns,operations,ns_per_operation\n"
      + sizes.map { size in
        "\(size.gibibytes),\(size.tableBytes),\(whole(size.nanoseconds)),\(whole(size.operations)),\(size.nanosecondsPerOperation)\n"
      }.joined()
  }

  private static func median(_ values: [UInt64]) -> Double {
    Quantile.linear(of: values.map { Double($0) }, at: 0.5) ?? 0
  }

  /// The median of an even number of rounds may lie between two whole numbers.
  private static func whole(_ value: Double) -> UInt64 { UInt64(value.rounded()) }

  private static func grouped(_ value: Double) -> String { HumanNumber.grouped(whole(value)) }
}

extension String {
  /// With blanks behind it up to that width.
  fileprivate func left(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// With blanks before it up to that width.
  fileprivate func right(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
