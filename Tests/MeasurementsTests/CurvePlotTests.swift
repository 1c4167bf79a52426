import Analysis
import Experiment
import Foundation
import RecordFiles
import TestSupport
import Testing

@testable import Measurements
@testable import Sweeps

@Suite struct CurvePlotTests {
  static let hasGnuplot = FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")

  /// What gnuplot makes of a script.
  static func draw(_ script: String, in folder: TemporaryFolder, picture: String) throws -> String {
    try folder.write(script, named: "script.gp")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/gnuplot")
    process.arguments = ["-d", "\(folder.path)/script.gp"]
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try String(contentsOfFile: picture, encoding: .utf8)
  }

  /// The lines and points of a picture with their colours; how the rest is written is the affair of gnuplot's version.
  static func marks(_ svg: String) -> [String] {
    svg.matches(of: /<(?:path stroke|use xlink:href)='[^>]*/).map { String($0.output) }
  }

  /// The words of a picture in their order: a legend with its entries exchanged has the same lines.
  static func words(_ svg: String) -> [String] {
    svg.matches(of: /<text>(.*?)<\/text>/.dotMatchesNewlines()).map { match in
      String(match.output.1).replacing(/<[^>]*>/, with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

  /// Draws `script`, which writes `picture` into `folder`, and holds its lines and points against a picture that is kept.
  static func expect(_ script: String, in folder: TemporaryFolder, picture: String, toDraw kept: String, marks: Int)
    throws
  {
    let svg = try draw(script, in: folder, picture: picture)
    let before = try Checkout.text(kept)
    let drawn = Self.marks(svg)
    #expect(drawn.count >= marks && drawn == Self.marks(before), "\(kept)")
    #expect(!Self.words(svg).isEmpty && Self.words(svg) == Self.words(before), "\(kept)")
  }

  /// All but the version of gnuplot.
  private static func drawing(_ svg: String) -> [Substring] {
    svg.split(separator: "\n").filter { !$0.hasPrefix("<desc>") }
  }

  /// As fixtures/measured/README.md has it.
  @Test(.enabled(if: hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func theMeasuredCurvesAreDrawnAsTheyWere() throws {
    let measured = Checkout.path + "/fixtures/measured"
    let folder = try TemporaryFolder()
    let picture = folder.path + "/mounts.svg"
    let curves = try PlotMountsCommand.curves([
      "\(measured)/paper-env2=environment 2, paper demand", "\(measured)/paper-env1=environment 1, paper demand",
      "\(measured)/paper-env1-64kBx60=environment 1, 60 blocks of 64 kB a mount",
      "\(measured)/paper-env1-64kBx60/model.csv=the same on the model, linux-6",
    ])
    let svg = try Self.draw(CurvePlot.mounts(curves, picture: picture), in: folder, picture: picture)
    let kept = try Checkout.text("fixtures/measured/mounts.svg")
    #expect(svg.ranges(of: "<g id=\"gnuplot_plot_").count == 8)
    #expect(Self.marks(svg) == Self.marks(kept) && Self.words(svg) == Self.words(kept))
    if svg.contains("GNUPLOT 5.4 patchlevel 4") { #expect(Self.drawing(svg) == Self.drawing(kept)) }
  }

  @Test(.enabled(if: hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func namesAndTitlesMayHoldAnything() throws {
    let folder = try TemporaryFolder()
    let name = "it's \"a\" \\ folder $x `id`"
    try folder.write(
      "number,outcome,explanation,cumulative_ns,free_64k_bytes\n1,mounted,,1000000,65536\n2,failed,\"no, \"\"really\"\"\",3000000,0\n",
      named: "\(name)/mounts.csv")
    let picture = folder.path + "/it's a picture.svg"
    let curves = try PlotMountsCommand.curves(["\(folder.path)/\(name)=it's a_b {c} <&> @d"])
    let svg = try Self.draw(CurvePlot.mounts(curves, picture: picture), in: folder, picture: picture)
    #expect(svg.contains("it's a_b {c} &lt;&amp;> @d"))
  }

  @Test func aRunIsNamedWithItsTitle() throws {
    let measured = Checkout.path + "/fixtures/measured"
    let curves = try PlotMountsCommand.curves([
      "\(measured)/paper-env1=a=b", "\(measured)/paper-env1/model.csv=the model",
    ])
    #expect(
      curves == [
        .init(table: "\(measured)/paper-env1/mounts.csv", title: "a=b", colour: 0),
        .init(table: "\(measured)/paper-env1/model.csv", title: "the model", colour: 1),
      ])
  }

  @Test func whatIsNoTableIsNamed() throws {
    #expect(
      throws: MeasurementError(
        "invalid value 'results' for <results=title>: expected results, '=' and what to call them")
    ) {
      try PlotMountsCommand.curves(["results"])
    }
    let folder = try TemporaryFolder()
    #expect(throws: MeasurementError("cannot read \(folder.path)/mounts.csv: there is no such file")) {
      try PlotMountsCommand.curves(["\(folder.path)=title"])
    }
    try folder.write("number,cumulative_ns\r\n1,2\r\n", named: "mounts.csv")
    #expect(
      throws: MeasurementError("\(folder.path)/mounts.csv is no table of mounts: it has no column free_64k_bytes")
    ) {
      try PlotMountsCommand.curves(["\(folder.path)=title"])
    }
  }

  @Test func theScriptNamesEachColourOnce() {
    let script = CurvePlot.sweep(
      [
        .init(table: "a.csv", title: "x", colour: 0), .init(table: "b.csv", title: nil, colour: 0),
        .init(table: "c.csv", title: "y", colour: 6),
      ], picture: "p.svg")
    #expect(
      script.hasSuffix(
        """
        plot 'a.csv' using (column('number')):(column('cumulative_ns')/1e9) with lines lt 1 lw 1.4 title 'x', \\
             'b.csv' using (column('number')):(column('cumulative_ns')/1e9) with lines lt 1 lw 1.4 title '', \\
             'c.csv' using (column('number')):(column('cumulative_ns')/1e9) with lines lt 7 lw 1.4 title 'y'

        """))
    // The seventh begins anew.
    #expect(script.contains("set linetype 6 lc rgb '#e69f00' lw 2\nset linetype 7 lc rgb '#0072b2' lw 2\n"))
  }

  @Test func aSweepHasAColourForEachSettingAndACurveForEachRunThatIsDone() throws {
    let knobs = try [
      SweepKnob("filesystems=8,16", isModel: false),
      SweepKnob("files=1,2", isModel: false),
    ]
    let plan = try SweepPlan(
      tool: "test", machine: .linux, scheme: "", scenario: Scenario(name: "test"), knobs: knobs,
      looks: LookSchedule(endingAfter: 2), seed: 1,
      asFound: { _ in nil })
    var outcomes: [Int: SweepFolder.Outcome] = [:]
    for point in plan.points where point.setting != 2 {
      outcomes[point.number] = .init(
        point: point.number, status: point.setting == 1 && point.repetition == 1 ? .failed : .done, exitStatus: 0,
        results: "runs/\(point.setting)/\(point.repetition)", reason: nil, durationNanoseconds: 1)
    }
    #expect(
      PlotSweepCommand.curves(plan, outcomes, in: "s") == [
        .init(table: "s/runs/0/1/mounts.csv", title: "filesystems=8, files=1", colour: 0),
        .init(table: "s/runs/0/2/mounts.csv", title: nil, colour: 0),
        .init(table: "s/runs/1/2/mounts.csv", title: "filesystems=8, files=2", colour: 1),
        .init(table: "s/runs/3/1/mounts.csv", title: "filesystems=16, files=2", colour: 3),
        .init(table: "s/runs/3/2/mounts.csv", title: nil, colour: 3),
      ])
  }
}
