import Foundation
import TestSupport
import Testing

@testable import Measurements

@Suite struct As2005Tests {
  /// Read once: a debug build takes a second for each of the runs.
  static let kept = Result { try As2005Table(reading: Checkout.path + "/fixtures/measured/as-2005") }

  /// Two runs under the names of the bench, one of them with a model beside it.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let measured = Checkout.path + "/fixtures/measured"
    for (name, run) in [
      ("ext4-one-3", "xfs-64k-env1/runs/2-dose-1/01"), ("ext4-one-1", "xfs-default-env1/runs/1-dose-0/01"),
      ("grouping-ext4-1", "xfs-striped-log-env1/runs/2-dose-1/01"),
    ] { try FileManager.default.copyItem(atPath: "\(measured)/demand/\(run)", toPath: "\(folder.path)/\(name)") }
    try folder.write(#"[{"mountsCompleted":{"measured":128,"model":94}}]"#, named: "ext4-one-1/model.json")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/ext4-one-1/model", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: "\(measured)/as-2005/xfs-two-1/model/model-conventional.csv",
      toPath: "\(folder.path)/ext4-one-1/model/model-conventional.csv")
    // What else lies there is none.
    try folder.write("", named: "ext4-one-2.log")
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
        "ext4, the demand `paper`", "ext4, the demand `paper`", "ext4-one, but grouping by mobility on",
      ])
    #expect(rows.map { $0[1] } == ["1", "3", "1"])
    #expect(rows[0][2] == "128 of 128" && rows[0][3] == "94" && rows[1][3] == "-")
    #expect(rows[0][4] == "no" && rows[1][4] == "-")
    #expect(rows.allSatisfy { $0.count == 12 })
  }

  @Test func aFolderWithoutRuns() throws {
    let folder = try TemporaryFolder()
    #expect(throws: MeasurementError.self) { try As2005Table(reading: folder.path) }
    // Runs there are, and none of those that are drawn.
    let measured = Checkout.path + "/fixtures/measured/as-2005"
    try FileManager.default.copyItem(atPath: "\(measured)/compaction-1", toPath: "\(folder.path)/compaction-1")
    #expect(
      throws: MeasurementError("\(folder.path) holds no run that is drawn: ext4-one, ext4-two, xfs-two, grouping-ext4")
    ) {
      try As2005Command.curves(As2005Table(reading: folder.path))
    }
  }

  @Test("the curves are those of the first seeds, each with its unit")
  func curves() throws {
    let folder = try Self.folder()
    defer { withExtendedLifetime(folder) {} }
    let curves = try As2005Command.curves(As2005Table(reading: folder.path))
    #expect(
      curves.map(\.curve.table) == [
        "\(folder.path)/ext4-one-1/mounts.csv", "\(folder.path)/ext4-one-1/model/model-conventional.csv",
        "\(folder.path)/grouping-ext4-1/mounts.csv",
      ])
    let script = CurvePlot.as2005(curves, free: [.paper], picture: "x.svg")
    for entry in curves { #expect(script.contains("column('cumulative_ns')/\(entry.unitNanoseconds)")) }
  }

  @Test("a curve's unit is the median of those of its first ten mounts that met no stall")
  func units() throws {
    let folder = try TemporaryFolder()
    func unit(_ lines: [String]) throws -> Double? {
      try folder.write(
        (["number,allocstall,compact_stall,service_ns"] + lines).joined(separator: "\n"), named: "mounts.csv")
      return try As2005Command.unit("\(folder.path)/mounts.csv")
    }
    let stalled = (5...10).map { "\($0),9,0,99000" }
    // An eleventh does not count, and what a model does not count is no stall.
    #expect(try unit(["1,0,0,50", "2,0,0,30", "3,0,,40", "4,0,1,7000"] + stalled + ["11,0,0,1"]) == 40)
    #expect(try unit(["1,1,0,50"] + stalled) == nil)
  }

  /// As the article Failure has them.
  @Test func theRunsThatAreKept() throws {
    let rows = try Self.kept.get().text.split(separator: "\n").map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    func row(_ name: String, _ seed: String) throws -> [String] {
      let text = try #require(As2005Table.cases.first { $0.name == name }?.text)
      return Array(try #require(rows.first { $0[0] == text && $0[1] == seed }).dropFirst(2))
    }
    for (seed, mounts, model) in [("1", 99, 81), ("2", 94, 82), ("3", 86, 82)] {
      #expect(try row("ext4-one", seed).prefix(2) == ["\(mounts) of 128", "\(model)"])
    }
    #expect(
      try row("ext4-two", "1") == [
        "80 of 128", "81", "yes", "11.9, 8.9 MiB", "912, 912 MiB", "72", "880, 880 MiB", "71, -", "3,886; 19", "19 ms",
      ])
    #expect(
      try row("xfs-two", "1") == [
        "84 of 128", "79", "yes", "20.8, 8.4 MiB", "893, 893 MiB", "4", "880, 880 MiB", "-, -", "10,028; 4,953",
        "334 ms",
      ])
    #expect(
      try row("grouping", "1") == [
        "128 of 128", "128", "yes", "13.3, 0.2 MiB", "886, 729 MiB", "-", "880, 880 MiB", "57, -", "2; 2", "49 ms",
      ])
    #expect(
      try row("grouping-ext4", "1") == [
        "128 of 128", "128", "yes", "216, 123 MiB", "676, 676 MiB", "-", "880, 880 MiB", "-, -", "0; 0", "24 ms",
      ])
    #expect(
      try row("protection-ext4", "1") == [
        "57 of 128", "21", "no", "5.6, 1.5 MiB", "912, 912 MiB", "16", "880, 880 MiB", "15, -", "4,272; 914", "31 ms",
      ])
    #expect(try row("direct-compaction", "1").prefix(2) == ["98 of 128", "80"])
    for (seed, mounts, model) in [("1", 92, 80), ("2", 87, 79), ("3", 85, 79)] {
      #expect(try row("compaction", seed).prefix(2) == ["\(mounts) of 128", "\(model)"])
    }
    for (seed, mounts, model) in [("1", 86, 81), ("2", 99, 81), ("3", 92, 79)] {
      #expect(try row("pins", seed).prefix(2) == ["\(mounts) of 128", "\(model)"])
    }
  }

  /// As fixtures/measured/README.md has it.
  @Test(.enabled(if: CurvePlotTests.hasGnuplot, "gnuplot is not installed: apt-get install gnuplot-nox"))
  func thePictureIsOfTheRunsThatAreKept() throws {
    let folder = try TemporaryFolder()
    let picture = folder.path + "/curves.svg"
    let table = try Self.kept.get()
    let curves = try As2005Command.curves(table)
    try CurvePlotTests.expect(
      CurvePlot.as2005(curves, free: As2005Command.free(table), picture: picture), in: folder, picture: picture,
      toDraw: "fixtures/measured/as-2005/curves.svg", marks: 6 * 4)
  }
}
