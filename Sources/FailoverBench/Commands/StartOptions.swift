import Analysis
import ArgumentParser
import Supervision

/// How alike two sides must have started; the same for `compare` and `sweep`.
struct StartOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How far the start states of two sides may differ, in per cent.", valueName: "percent"))
  var startTolerance = Comparability.defaultTolerancePercent

  func tolerance() throws -> Double {
    guard startTolerance >= 0, startTolerance <= 1000 else {
      throw CommandFailure(invalid: "\(startTolerance)", for: "--start-tolerance", expected: "0 to 1000")
    }
    return startTolerance
  }
}
