import Analysis
import ArgumentParser
import LinuxSystem
import RecordFiles

/// The table of `scripts/bench-2005`, and what gnuplot draws of its runs.
struct As2005Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "as-2005", abstract: "Tell what became of the mounts on a machine as of 2005.")

  @Argument(help: ArgumentHelp("Holds a directory NAME-SEED for each run.", valueName: "folder")) var folder: String
  @Option(
    help: ArgumentHelp("Print the gnuplot script of this picture in place of the table.", valueName: "picture.svg"))
  var picture: String?

  func run() throws {
    guard let picture else { return print(try As2005Table(reading: folder).text, terminator: "") }
    print(CurvePlot.as2005(try Self.curves(folder), picture: picture), terminator: "")
  }

  /// The first seed of the cases that stop and of the control with grouping, and the model beside the first.
  static func curves(_ folder: String) throws -> [(curve: CurvePlot.Curve, unitNanoseconds: Double)] {
    let shown = [
      ("ext4-one", "ext4, the paper's demand"), ("ext4-two", "ext4, 2 blocks of 64 kB a mount"),
      ("xfs-two", "XFS, the same"), ("grouping-ext4", "ext4, the paper's demand, grouping on"),
    ]
    let runs = try As2005Table(reading: folder).runs
    var curves: [(curve: CurvePlot.Curve, unitNanoseconds: Double)] = []
    func add(_ table: String, _ title: String) throws {
      guard let unit = try unit(table) else {
        return StandardError.write("not drawn: \(table): each of its first ten mounts stalled\n")
      }
      curves.append((CurvePlot.Curve(table: table, title: title, colour: curves.count), unit))
    }
    for (name, title) in shown {
      guard let run = runs.first(where: { $0.name == name }) else { continue }
      try add("\(folder)/\(name)-\(run.seed)/mounts.csv", title)
      if name == shown[0].0, run.modelCompleted != nil {
        try add("\(folder)/\(name)-\(run.seed)/model/model-conventional.csv", "the model beside the first")
      }
    }
    guard !curves.isEmpty else {
      throw MeasurementError("\(folder) holds no run that is drawn: \(shown.map(\.0).joined(separator: ", "))")
    }
    return curves
  }

  /// The median of those of the first ten mounts that no task had to reclaim or compact memory for, by which a curve is divided: an emulator's seconds
  /// are not a machine's, and a unit with the effect in it would hide the effect. nil where there is none.
  static func unit(_ table: String) throws -> Double? {
    let lines = try TextFile.read(table).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    func column(_ name: String) throws -> Int {
      guard let column = lines.first?.firstIndex(of: name[...]) else {
        throw MeasurementError("\(table) has no column \(name)")
      }
      return column
    }
    let (time, stalls) = (try column("service_ns"), [try column("allocstall"), try column("compact_stall")])
    let times = lines.dropFirst().prefix(10).compactMap { cells -> Double? in
      // The model has no direct reclaim of its own in every scheme: what is not counted has not stalled.
      cells.count > time && stalls.allSatisfy { ["", "0"].contains(cells[$0]) } ? Double(cells[time]) : nil
    }
    return Quantile.linear(of: times, at: 0.5)
  }
}
