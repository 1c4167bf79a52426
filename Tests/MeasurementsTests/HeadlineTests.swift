import TestSupport
import Testing

@testable import Measurements

@Suite struct HeadlineTests {
  private static let division = Checkout.path + "/fixtures/measured/division"
  private static let sweeps = ["fits", "size", "equal-64", "equal-192"].map { "\(division)/\($0)" }

  @Test("the services that were lost are those of the article")
  func losses() throws {
    let fits = try DividedRun.read(["\(Self.division)/fits"])
    #expect(fits.count == 20 && fits.allSatisfy { $0.servicesLost == 0 && $0.demandBytes == 512 << 20 })
    let runs = try DividedRun.read(Self.sweeps)
    #expect(Set(runs.map(\.files)) == [64, 128, 192, 320])
    func of(_ arm: DividedRun.Arm) -> [DividedRun] { runs.filter { $0.arm == arm } }
    #expect(of(.whole).count == 43 && of(.equal).count == 18 && of(.divided).count == 43)
    #expect(DividedRun.Arm.allCases.map { of($0).reduce(0) { $0 + $1.servicesLost } } == [21, 0, 3])
    // Of it in the sweep of sizes alone.
    let sizes = try DividedRun.read(["\(Self.division)/size"])
    #expect(sizes.count == 30 && sizes.reduce(0) { $0 + $1.servicesLost } == 24)
    // Whole memory with as few pins has as few: 303 to 308 MiB.
    #expect(of(.equal).allSatisfy { (300...310).contains($0.pinnedBytes >> 20) })
    #expect(of(.divided).allSatisfy { (300...310).contains($0.pinnedBytes >> 20) })
    #expect(of(.whole).allSatisfy { (455...465).contains($0.pinnedBytes >> 20) })
  }

  @Test("every run is a point of its own")
  func points() throws {
    let runs = try DividedRun.read(Self.sweeps)
    let script = CurvePlot.headline(failure: [], cure: runs, picture: "it's.svg")
    let lines = script.split(separator: "\n").filter {
      $0.wholeMatch(of: /-?[0-9.]+(e-?[0-9]+)? [0-9.]+ [0-9]+/) != nil
    }
    #expect(lines.count == 104 && Set(lines).count == 104)
    // Which is which, in the words of the legend.
    #expect(script.contains("$whole with points pt 7") && script.contains("title 'whole: 461 MiB pinned'"))
    #expect(script.contains("title 'whole, as few pins as divided: 305 MiB pinned'"))
    #expect(script.contains("title 'divided, 1280 MiB movable: 306 MiB pinned'"))
    func block(_ name: String) -> [Substring] {
      script.split(separator: "$\(name) << EOD\n").dropFirst().first?.split(separator: "\nEOD").first?.split(
        separator: "\n") ?? []
    }
    #expect(block("whole").count == 43 && block("equal").count == 18 && block("divided").count == 43)
    #expect(block("whole").contains { $0.hasSuffix(" 10") } && !block("divided").contains { $0.hasSuffix(" 10") })
    #expect(script.contains("set output 'it''s.svg'"))
    // Two machines, and none beside the other in one column.
    #expect(
      script.contains(
        #"set xtics ("64\n0.5 GiB\nEPYC" 0, "64\n0.5 GiB\nXeon" 1, "128\n1.0 GiB\nXeon" 2, "192\n1.5 GiB\nEPYC" 3, "#
          + #""192\n1.5 GiB\nXeon" 4, "320\n2.5 GiB\nXeon" 5)"#))
  }

  /// As fixtures/measured/README.md has it.
  @Test(.enabled(if: CurvePlotTests.hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func thePictureOfTheReadmeIsOfTheRunsThatAreKept() throws {
    let folder = try TemporaryFolder()
    let picture = folder.path + "/headline.svg"
    let script = CurvePlot.headline(
      failure: try As2005Command.curves(As2005Tests.kept.get(), models: HeadlineCommand.models),
      cure: try DividedRun.read(Self.sweeps), picture: picture)
    // 104 runs and rings around nine of them, 5 curves, 4 stops.
    try CurvePlotTests.expect(
      script, in: folder, picture: picture, toDraw: "fixtures/measured/headline.svg", marks: 122)
  }

  @Test func whatIsNoSweepIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: (any Error).self) { try DividedRun.read([folder.path]) }
    #expect(throws: MeasurementError.self) { try DividedRun.read([]) }
    // Movable transient pages, and mounts with a demand and no service: other experiments.
    for other in ["memfd", "rings"] {
      #expect(throws: MeasurementError.self) { try DividedRun.read(Self.sweeps + ["\(Self.division)/\(other)"]) }
    }
    #expect(throws: MeasurementError.self) { try DividedRun.read(["\(Self.division)/rings"]) }
  }
}
