import Foundation
import TestSupport
import Testing

@testable import Measurements

@Suite struct LabArmsTests {
  private static let lab = Checkout.path + "/fixtures/measured/division/lab"

  private static func rows(_ folder: String) throws -> [String: [String]] {
    let lines = try LabArms(reading: folder).text.split(separator: "\n").dropFirst(2)
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        return (cells[0], Array(cells.dropFirst()))
      })
  }

  /// As the article Division has them.
  @Test func theRunsThatAreKept() throws {
    let rows = try Self.rows(Self.lab)
    for (arm, cells) in [
      "ungrouped-whole": [
        "5 of 5", "463 MiB", "105 MiB", "DMA32 61 MiB → 41 MiB, Normal 44 MiB → 3 MiB", "0 of 640: 0 files", "0",
        "20 - 23", "127 (52 - 144), 157 (83 - 176)", "73 (71 - 79)",
      ],
      "ungrouped-divided": [
        "5 of 5", "461 MiB", "365 MiB", "DMA32 337 MiB → 307 MiB, Movable 1170 MiB → 650 MiB, Normal 26 MiB → 1 MiB",
        "0 of 640: 0 files", "0", "-", "0, 0", "0",
      ],
      "ext4-whole": [
        "0 of 6", "454 MiB", "141 MiB", "DMA32 80 MiB → 0 MiB, Normal 62 MiB → 1 MiB", "12 of 768: 36 files", "0",
        "30 - 31", "135 (78 - 206), 309 (248 - 330)", "96 (94 - 97)",
      ],
      "ext4-equal": [
        "1 of 10", "300 MiB", "564 MiB", "DMA32 296 MiB → 0 MiB, Normal 266 MiB → 3 MiB", "9 of 1280: 9 files", "0",
        "113 - 118", "20 (9 - 48), 1 (0 - 7)", "8 (6 - 10)",
      ],
      "ext4-divided": [
        "6 of 10", "299 MiB", "113 MiB", "DMA32 87 MiB → 3 MiB, Movable 1279 MiB → 758 MiB, Normal 23 MiB → 0 MiB",
        "1 of 1175: 64 files", "6", "110 - 122", "17 (5 - 60), 16 (3 - 43)", "5 (2 - 9)",
      ],
      "ballast": [
        "5 of 5", "477 MiB", "154 MiB", "DMA32 71 MiB → 71 MiB, Normal 82 MiB → 23 MiB", "0 of 640: 0 files", "0", "-",
        "0, 0", "0",
      ],
      "offline": [
        "5 of 5", "479 MiB", "143 MiB", "DMA32 79 MiB → 75 MiB, Normal 64 MiB → 8 MiB", "0 of 640: 0 files", "0", "-",
        "0, 0", "0",
      ],
      "ballast-2": [
        "2 of 2", "400 MiB", "55 MiB", "DMA32 12 MiB → 13 MiB, Normal 64 MiB → 156 MiB", "0 of 256: 0 files", "0",
        "24 - 26", "3, 6", "6",
      ],
      "offline-2": [
        "2 of 2", "400 MiB", "66 MiB", "DMA32 6 MiB → 6 MiB, Normal 77 MiB → 190 MiB", "0 of 256: 0 files", "0",
        "71 - 84", "5 (2 - 7), 10 (5 - 14)", "10 (5 - 14)",
      ],
    ] { #expect(rows[arm] == cells, "\(arm)") }
    #expect(rows["random-ungrouped-whole"]?[7] == "156 (53 - 506), 196 (76 - 571)")
    #expect(rows["random-ungrouped-divided"]?[7] == "0, 0")
  }

  /// The tenth divided guest was cut off at service 23: what it had counted until then is not the whole of it.
  @Test func aRunThatWasCutOff() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    for (arm, kept) in [("both", ["1", "10"]), ("whole", ["1"])] {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(arm)", withIntermediateDirectories: true)
      for run in kept {
        try FileManager.default.copyItem(
          atPath: "\(Self.lab)/ext4-divided/\(run)", toPath: "\(folder.path)/\(arm)/\(run)")
      }
    }
    // What lies beside them: of a guest that did not come to its end as well.
    try folder.write("", named: "both-2.log")
    try folder.write("{}", named: "both-2.new/run.json")
    try folder.write("", named: "both-2.new/proc/before-failover/meminfo")
    try folder.write("", named: "program/failover-bench")
    let rows = try Self.rows(folder.path)
    #expect(rows.count == 2)
    let (both, whole) = (try #require(rows["both"]), try #require(rows["whole"]))
    #expect(both[0] == "1 of 2" && both[4] == "1 of 151: 64 files")
    #expect(whole[0] == "1 of 1" && whole[4] == "0 of 128: 0 files")
    #expect(both[6...] == whole[6...])
  }

  @Test func aFolderWithoutRuns() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    #expect(throws: MeasurementError("\(folder.path) holds no run of scripts/bench-division --parts lab")) {
      try LabArms(reading: folder.path)
    }
  }
}
