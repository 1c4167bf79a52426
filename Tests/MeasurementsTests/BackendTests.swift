import TestSupport
import Testing

@testable import Measurements

@Suite struct BackendTests {
  /// Rounds of one backend in one situation.
  private struct Measured {
    let kind: String
    let taken: [Int64]
    let unmovable: [UInt64]
    let indexBefore: [Double]
    let indexAfter: [Double]
    let slab: [Int64]
    var pinnedPages: UInt64 = 1
    var originBytesWritten: UInt64?
  }

  /// What fixtures/measured/lab/backends-6.1.md was made of, as far as the table tells: of two rounds both, of three
  /// the least, the middle and the most. Indices have a digit more than the table where its differences need one.
  private static let measured = [
    Measured(
      kind: "pipe-fresh-32768", taken: [33386, 33449], unmovable: [60, 62], indexBefore: [0.0010, 0.0010],
      indexAfter: [0.00021, 0.00027], slab: [568, 577]),
    Measured(
      kind: "snapmeta-fresh-32768", taken: [32883, 32823], unmovable: [58, 60], indexBefore: [0.0009, 0.0009],
      indexAfter: [0.00011, 0.00036], slab: [9, 10]),
    Measured(
      kind: "dm-snapshot-fresh-32768", taken: [34591, 34829], unmovable: [64, 62], indexBefore: [0.00112, 0.00124],
      indexAfter: [0.00004, 0.00018],
      slab: [33474, 33487], pinnedPages: 32768, originBytesWritten: 32768 << 19),
    Measured(
      kind: "pipe-fresh-102400", taken: [104562, 104629], unmovable: [196, 198], indexBefore: [0.0011, 0.0019],
      indexAfter: [0.0002, 0.0014],
      slab: [1789, 1796]),
    Measured(
      kind: "snapmeta-fresh-102400", taken: [102113, 102309], unmovable: [196, 196], indexBefore: [0.00108, 0.00196],
      indexAfter: [0.0004, 0.0014],
      slab: [9, -6]),
    Measured(
      kind: "pipe-fresh-786432", taken: [803164, 803273], unmovable: [1556, 1558], indexBefore: [0.00104, 0.0017],
      indexAfter: [0.00084, 0.00494],
      slab: [13825, 13887]),
    Measured(
      kind: "snapmeta-fresh-786432", taken: [786492, 786678], unmovable: [1528, 1530], indexBefore: [0.00094, 0.0012],
      indexAfter: [0.0006, 0.0012],
      slab: [8, 8]),
    Measured(
      kind: "pipe-filled-102400", taken: [-300, 12, 7], unmovable: [184, 164, 171],
      indexBefore: [0.3750, 0.4448, 0.4914],
      indexAfter: [0.4673, 0.5691, 0.4150], slab: [-11777, -7929, -11088]),
    Measured(
      kind: "snapmeta-filled-102400", taken: [5, -80, 40], unmovable: [178, 168, 152],
      indexBefore: [0.4355, 0.6266, 0.4217],
      indexAfter: [0.5964, 0.3905, 0.3344], slab: [-4892, -5284, -3926]),
  ]

  @Test func theTableThatWasMeasuredComesOutAgain() throws {
    let folder = try TemporaryFolder()
    for own in Self.measured {
      for round in own.taken.indices {
        try RecordedPinning(
          name: "\(own.kind)-\(round + 1)", taken: own.taken[round], unmovable: own.unmovable[round],
          indexBefore: own.indexBefore[round],
          indexAfter: own.indexAfter[round], slab: own.slab[round], pinnedPages: own.pinnedPages,
          originBytesWritten: own.originBytesWritten
        ).write(to: folder)
      }
    }
    #expect(
      try BackendsCommand.comparison(of: folder.path).text == Checkout.text("fixtures/measured/lab/backends-6.1.md"))
  }

  private static func pinning(unmovable: UInt64 = 0, index: Double = 0, taken: UInt64 = 1000) -> Pinning {
    // Of 100,000 pages.
    let small = UInt64(index * 100_000)
    return Pinning(
      before: .init(freeBlocks: [100_000 + taken]),
      after: .init(freeBlocks: [small, 0, 0, 0, (100_000 - small) / 16], unmovablePageBlocks: unmovable),
      pinnedPages: nil, originBytesWritten: nil)
  }

  private static func verdicts(_ pinnings: [String: Pinning]) throws -> [BackendComparison.Verdict] {
    try BackendComparison(pinnings).verdicts
  }

  @Test(
    arguments: [
      (1000, 0.16, 1000, 0.16, true),
      // Page blocks: up to 5 per cent more or less.
      (1050, 0.16, 1000, 0.16, true), (1051, 0.16, 1000, 0.16, false), (950, 0.16, 1000, 0.16, true),
      (949, 0.16, 1000, 0.16, false),
      // The index: up to 0.02 more or less.
      (1000, 0.1792, 1000, 0.16, true), (1000, 0.1808, 1000, 0.16, false), (1000, 0.1408, 1000, 0.16, true),
      (1000, 0.1392, 1000, 0.16, false),
      // One of both is enough to be out of it.
      (2000, 0.16, 1000, 0.16, false), (1000, 0.96, 1000, 0.16, false), (0, 0.16, 1000, 0.16, false),
    ] as [(UInt64, Double, UInt64, Double, Bool)])
  func theVerdictKeepsToTheTolerance(
    blocks: UInt64, index: Double, otherBlocks: UInt64, otherIndex: Double, isWithin: Bool
  ) throws {
    let verdicts = try Self.verdicts([
      "pipe-fresh-100-1": Self.pinning(unmovable: blocks, index: index),
      "snapmeta-fresh-100-1": Self.pinning(unmovable: otherBlocks, index: otherIndex),
    ])
    #expect(verdicts.count == 1)
    #expect(verdicts.first?.isWithinTolerance == isWithin)
    #expect(
      verdicts.first?.text.hasSuffix(isWithin ? ": within the tolerance." : ": NOT within the tolerance.") == true)
  }

  @Test func theMedianOfTheRoundsCounts() throws {
    let verdicts = try Self.verdicts([
      "pipe-fresh-100-1": Self.pinning(unmovable: 100), "pipe-fresh-100-2": Self.pinning(unmovable: 102),
      "pipe-fresh-100-10": Self.pinning(unmovable: 9000),
      "snapmeta-fresh-100-1": Self.pinning(unmovable: 80), "snapmeta-fresh-100-2": Self.pinning(unmovable: 120),
    ])
    let verdict = try #require(verdicts.first)
    #expect(verdict.rounds == 3)
    #expect(abs(verdict.pageBlocks - 0.02) < 1e-12)
  }

  /// What takes twice as many pages and makes twice as many blocks unmovable is no worse for each page.
  @Test func whatIsTakenBesideIsSaidApart() throws {
    let verdicts = try Self.verdicts([
      "pipe-fresh-100-1": Self.pinning(unmovable: 200, taken: 2000),
      "snapmeta-fresh-100-1": Self.pinning(unmovable: 100, taken: 1000),
      "pipe-filled-100-1": Self.pinning(unmovable: 200, taken: 2000),
      "snapmeta-filled-100-1": Self.pinning(unmovable: 100, taken: 1000),
    ])
    #expect(verdicts.map(\.pageBlocks) == [1, 1])
    #expect(verdicts.map(\.pageBlocksPerPageTaken) == [0, nil])
    #expect(verdicts.map(\.situation.title) == ["100 pages", "100 pages in full memory"])
  }

  @Test func withoutTheReferenceThereIsNoVerdict() throws {
    #expect(try Self.verdicts(["pipe-fresh-100-1": Self.pinning(unmovable: 5)]).isEmpty)
    // Not in another situation, and not from one that has made no block unmovable.
    #expect(
      try Self.verdicts([
        "pipe-fresh-100-1": Self.pinning(unmovable: 5), "snapmeta-fresh-200-1": Self.pinning(unmovable: 5),
      ]).isEmpty)
    #expect(
      try Self.verdicts(["pipe-fresh-100-1": Self.pinning(unmovable: 5), "snapmeta-fresh-100-1": Self.pinning()])
        .isEmpty)
  }

  @Test(arguments: ["pipe-fresh-100", "mlock-fresh-100-1", "pipe-empty-100-1", "pipe-fresh-x-1", ""])
  func otherNamesAreRefused(name: String) {
    #expect(throws: MeasurementError.self) { try BackendComparison([name: Self.pinning()]) }
  }

  /// Counted by hand in fixtures/proc/5.10.
  @Test func theKernelsTextsAreRead() throws {
    let text = try ["buddyinfo", "pagetypeinfo", "meminfo"].map { name in
      try Checkout.text("fixtures/proc/5.10/\(name)").split(separator: "\n", omittingEmptySubsequences: false).map {
        "\(name): \($0)\n"
      }.joined()
    }.joined()
    let state = try Pinning.State(recorded: text)
    #expect(state.freePages == 926_721)
    #expect(abs(state.unusableIndex - 561.0 / 926_721) < 1e-12)
    #expect(state.unmovablePageBlocks == 154)
    #expect(state.unreclaimableSlabPages == 15_360)
  }

  @Test func whatIsMissingIsNamed() throws {
    #expect(throws: MeasurementError("there is no text of /proc/pagetypeinfo")) {
      try Pinning.State(recorded: "buddyinfo: Node 0, zone Normal 1 2 3\n")
    }
    let folder = try TemporaryFolder()
    #expect(
      throws: MeasurementError(
        "\(folder.path) holds no pinning of scripts/lab-backends: no file's name ends with -before.txt")
    ) {
      try BackendsCommand.comparison(of: folder.path)
    }
    try folder.write("", named: "pipe-fresh-1-1-before.txt")
    let error = #expect(throws: MeasurementError.self) { try BackendsCommand.comparison(of: folder.path) }
    #expect(
      error?.description == "cannot read \(folder.path)/pipe-fresh-1-1-before.txt: there is no text of /proc/buddyinfo")
    #expect(throws: MeasurementError("cannot read \(folder.path)/none: there is no such file")) {
      try TextFile.names(in: folder.path + "/none")
    }
    #expect(throws: MeasurementError("cannot read \(folder.path)/none: there is no such file")) {
      try TextFile.read(folder.path + "/none")
    }
  }
}
