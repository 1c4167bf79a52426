import ArgumentParser
import Experiment
import MemoryModel

/// What the simulation itself costs; started by `scripts/bench-model`.
struct BenchModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-model", abstract: "Measure the speed of the model.")

  /// In GiB.
  private static let sizes: [UInt64] = [4, 8, 16, 32, 64]

  @Option(help: ArgumentHelp("Rounds on the machine of 4 GiB, each with the next seed.", valueName: "n")) var rounds = 5
  @Option(help: ArgumentHelp("The largest machine: 4, 8, 16, 32 or 64.", valueName: "GiB")) var largest: UInt64 = 64
  @Option(help: ArgumentHelp("Write the table of sizes there as well.", valueName: "file")) var csv: String?

  func validate() throws {
    guard (1...999).contains(rounds) else {
      throw ValidationError("invalid value '\(rounds)' for --rounds: expected 1 to 999")
    }
    guard Self.sizes.contains(largest) else {
      throw ValidationError("invalid value '\(largest)' for --largest: expected 4, 8, 16, 32 or 64")
    }
  }

  func run() throws {
    // Whatever only the first one pays for is not to be in the figures.
    _ = try ModelCost.measured(memoryGibibytes: 4, seed: 1)
    let paper = try (1...UInt64(rounds)).map { try ModelCost.measured(memoryGibibytes: 4, seed: $0) }
    print(ModelCostTable.phases(paper), terminator: "")
    var sizes = [ModelCostTable.Size(gibibytes: 4, of: paper)]
    for gibibytes in Self.sizes where gibibytes > 4 && gibibytes <= largest {
      sizes.append(
        ModelCostTable.Size(gibibytes: gibibytes, of: [try ModelCost.measured(memoryGibibytes: gibibytes, seed: 1)]))
    }
    print("\n" + ModelCostTable.sizes(sizes), terminator: "")
    if let csv { try TextFile.write(ModelCostTable.csv(sizes), to: csv) }
  }
}
