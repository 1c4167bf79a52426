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
    let table = try As2005Table(reading: folder)
    guard let picture else { return print(table.text, terminator: "") }
    let script = CurvePlot.as2005(try Self.curves(table), free: Self.free(table), picture: picture)
    print(script, terminator: "")
  }

  /// The cases that stop and the control with grouping: in the legend, and below a bar.
  private static let shown = [
    (name: "ext4-one", title: "ext4, the paper's demand", short: "ext4"),
    (name: "ext4-two", title: "ext4, 2 blocks of 64 kB a mount", short: "ext4, 2"),
    (name: "xfs-two", title: "XFS, 2 blocks of 64 kB a mount", short: "XFS, 2"),
    (name: "grouping-ext4", title: "ext4, the paper's demand, grouping on", short: "grouping on"),
  ]
  /// Of these the model beside them is drawn as well: where it stops too early, and where it does not.
  static let modelled = ["ext4-one", "ext4-two"]

  /// What was free before the mounts of the first seeds, of the models beside them, and of the paper.
  static func free(_ table: As2005Table) -> [CurvePlot.Free] {
    var free: [CurvePlot.Free] = []
    func add(_ title: String, _ bytes: (all: UInt64, large: UInt64)?) {
      guard let bytes else { return }
      free.append(
        CurvePlot.Free(
          title: title, smallMebibytes: Double(bytes.all - bytes.large) / 1_048_576,
          largeMebibytes: Double(bytes.large) / 1_048_576))
    }
    for (name, _, short) in shown {
      guard let run = table.runs.first(where: { $0.name == name }) else { continue }
      add(short, run.freeBytesBefore)
      if modelled.contains(name) { add("\(short), model", run.modelFreeBytesBefore) }
    }
    return free + [.paper]
  }

  /// The first seed of each case.
  ///
  /// - Parameter models: cases whose model is drawn as well.
  static func curves(_ table: As2005Table, models: [String] = modelled) throws -> [(
    curve: CurvePlot.Curve, unitNanoseconds: Double
  )] {
    let folder = table.folder
    var curves: [(curve: CurvePlot.Curve, unitNanoseconds: Double)] = []
    func add(_ path: String, _ title: String) throws {
      guard let unit = try unit(path) else {
        return StandardError.write("not drawn: \(path): each of its first ten mounts stalled\n")
      }
      curves.append((CurvePlot.Curve(table: path, title: title, colour: curves.count), unit))
    }
    for (name, title, short) in shown {
      guard let run = table.runs.first(where: { $0.name == name }) else { continue }
      try add("\(folder)/\(name)-\(run.seed)/mounts.csv", title)
      if models.contains(name), run.modelCompleted != nil {
        try add("\(folder)/\(name)-\(run.seed)/model/model-conventional.csv", "\(short), the model beside it")
      }
    }
    guard !curves.isEmpty else {
      throw MeasurementError("\(folder) holds no run that is drawn: \(shown.map(\.name).joined(separator: ", "))")
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
