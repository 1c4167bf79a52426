import ArgumentParser

/// What developers make tables and pictures of measurements with; the scripts of the same names start it. A tool of the
/// tests and no product.
@main
struct MeasurementTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measurements", abstract: "Make tables and pictures of what was measured.",
    subcommands: [
      BackendsCommand.self, As2005Command.self, LabArmsCommand.self, HeadlineCommand.self, PlotMountsCommand.self,
      PlotSweepCommand.self,
      BenchModelCommand.self, BenchVerdictsCommand.self,
    ])
}

/// What is wrong with what a command was given, in one line.
struct MeasurementError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
