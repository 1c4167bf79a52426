import Foundation
import TestSupport
import Testing

@testable import Measurements

@Suite struct As2005Tests {
  /// Two runs under the names of the bench, one of them with a model beside it.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let measured = Checkout.path + "/fixtures/measured"
    for (name, run) in [
      ("xfs-two-3", "xfs-64k-env1/runs/2-dose-1/01"), ("xfs-two-1", "xfs-default-env1/runs/1-dose-0/01"),
      ("grouping-1", "xfs-striped-log-env1/runs/2-dose-1/01"),
    ] { try FileManager.default.copyItem(atPath: "\(measured)/demand/\(run)", toPath: "\(folder.path)/\(name)") }
    try folder.write(#"[{"mountsCompleted":{"measured":128,"model":94}}]"#, named: "xfs-two-1/model.json")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/xfs-two-1/model", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: "\(measured)/paper-env2/model.csv", toPath: "\(folder.path)/xfs-two-1/model/model-conventional.csv")
    // What else lies there is none.
    try folder.write("", named: "xfs-two-2.log")
    return folder
  }

  @Test("a row for each run, by case and seed, with the model's stop beside the real one")
  func table() throws {
    let folder = try Self.folder()
    defer { withExtendedLifetime(folder) {} }
    let rows = try As2005Table(reading: folder.path).text.split(separator: "\n").dropFirst(2).map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(
      rows.map { $0[0] } == [
        "XFS, 2 x 64 and 8 x 4 kB a mount", "XFS, 2 x 64 and 8 x 4 kB a mount", "xfs-two, but grouping by mobility on",
      ])
    #expect(rows.map { $0[1] } == ["1", "3", "1"])
    #expect(rows[0][2] == "128 of 128" && rows[0][3] == "94" && rows[1][3] == "-")
    #expect(rows.allSatisfy { $0.count == 11 })
  }

  @Test func aFolderWithoutRuns() throws {
    let folder = try TemporaryFolder()
    #expect(throws: MeasurementError.self) { try As2005Table(reading: folder.path) }
    // Runs there are, and none of those that are drawn.
    let measured = Checkout.path + "/fixtures/measured/as-2005"
    try FileManager.default.copyItem(atPath: "\(measured)/compaction-1", toPath: "\(folder.path)/compaction-1")
    #expect(throws: MeasurementError("\(folder.path) holds no run that is drawn: xfs-two, ext4-two, grouping")) {
      try As2005Command.curves(folder.path)
    }
  }

  @Test("the curves are those of the first seeds, each with its unit")
  func curves() throws {
    let folder = try Self.folder()
    defer { withExtendedLifetime(folder) {} }
    let curves = try As2005Command.curves(folder.path)
    #expect(
      curves.map(\.curve.table) == [
        "\(folder.path)/xfs-two-1/mounts.csv", "\(folder.path)/xfs-two-1/model/model-conventional.csv",
        "\(folder.path)/grouping-1/mounts.csv",
      ])
    #expect(curves.allSatisfy { $0.unitNanoseconds > 100_000 })
    let script = CurvePlot.as2005(curves, picture: "x.svg")
    for entry in curves { #expect(script.contains("column('cumulative_ns')/\(entry.unitNanoseconds)")) }
  }

  /// As fixtures/measured/README.md has it.
  @Test(.enabled(if: CurvePlotTests.hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func thePictureIsOfTheRunsThatAreKept() throws {
    let folder = try TemporaryFolder()
    let picture = folder.path + "/curves.svg"
    let curves = try As2005Command.curves(Checkout.path + "/fixtures/measured/as-2005")
    try CurvePlotTests.expect(
      CurvePlot.as2005(curves, picture: picture), in: folder, picture: picture,
      toDraw: "fixtures/measured/as-2005/curves.svg", marks: 4 * 4)
  }
}
