import ArgumentParser

/// What gnuplot draws for `scripts/plot-headline`: the README's picture, the failure in one half and the cure in the other.
struct HeadlineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headline", abstract: "Print the gnuplot script of the paper's failure and its cure on real kernels.")

  @Argument(help: ArgumentHelp("What gnuplot is to write.", valueName: "picture.svg")) var picture: String
  @Argument(help: ArgumentHelp("The runs of scripts/bench-2005.", valueName: "as-2005")) var failure: String
  @Argument(help: ArgumentHelp("Sweeps of memory-division.", valueName: "sweep")) var sweeps: [String]

  func run() throws {
    let curves = try As2005Command.curves(As2005Table(reading: failure), models: Self.models)
    print(CurvePlot.headline(failure: curves, cure: try DividedRun.read(sweeps), picture: picture), terminator: "")
  }

  /// There is room for one.
  static let models = ["ext4-one"]
}
