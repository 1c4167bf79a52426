import ArgumentParser

/// How often the verdicts are wrong, and how often they find what is there: sweeps, comparisons and gates of systems whose truth is known.
/// Started by `scripts/bench-verdicts`.
struct BenchVerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-verdicts", abstract: "Measure error rates, coverage and power of the verdicts.")

  @Option(help: ArgumentHelp("Simulated systems for each cell of the tables.", valueName: "n")) var repeats = 2_000

  func validate() throws {
    guard (10...100_000).contains(repeats) else {
      throw ValidationError("invalid value '\(repeats)' for --repeats: expected 10 to 100000")
    }
  }

  func run() throws {
    var tables = VerdictTables(repeats: repeats)
    try tables.printAll()
  }
}
