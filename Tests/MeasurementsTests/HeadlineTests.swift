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
    #expect(runs.count { $0.isDivided } == 43 && runs.count == 86)
    #expect(runs.reduce(0) { $0 + ($1.isDivided ? 0 : $1.servicesLost) } == 21)
    #expect(runs.reduce(0) { $0 + ($1.isDivided ? $1.servicesLost : 0) } == 3)
  }

  @Test("every run is a point of its own")
  func points() throws {
    let runs = try DividedRun.read(Self.sweeps)
    let script = CurvePlot.headline(failure: [], cure: runs, picture: "it's.svg")
    let lines = script.split(separator: "\n").filter { $0.wholeMatch(of: /-?[0-9.]+(e-?[0-9]+)? [0-9]+/) != nil }
    #expect(lines.count == 86 && Set(lines).count == 86)
    #expect(script.contains("set output 'it''s.svg'"))
    #expect(script.contains(#"set xtics ("64\n512.0 MiB" 0, "128\n1.0 GiB" 1, "192\n1.5 GiB" 2, "320\n2.5 GiB" 3)"#))
  }

  /// As fixtures/measured/README.md has it.
  @Test(.enabled(if: CurvePlotTests.hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func thePictureOfTheReadmeIsOfTheRunsThatAreKept() throws {
    let folder = try TemporaryFolder()
    let picture = folder.path + "/headline.svg"
    let script = CurvePlot.headline(
      failure: try As2005Command.curves(Checkout.path + "/fixtures/measured/as-2005"),
      cure: try DividedRun.read(Self.sweeps), picture: picture)
    // 86 runs, 4 curves, 3 stops.
    try CurvePlotTests.expect(
      script, in: folder, picture: picture, toDraw: "fixtures/measured/headline.svg", marks: 93)
  }

  @Test func whatIsNoSweepIsRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: (any Error).self) { try DividedRun.read([folder.path]) }
    #expect(throws: MeasurementError.self) { try DividedRun.read([]) }
  }
}
