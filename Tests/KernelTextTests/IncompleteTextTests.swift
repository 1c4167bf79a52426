import KernelText
import Testing

/// What is missing is an error, never 0, and what is odd but right is read.
@Suite struct IncompleteTextTests {
  @Test(arguments: ["4.19", "5.10", "6.1", "6.18"], ["pages free", "min", "low", "spanned", "present", "managed"])
  func aZoneLacksALine(kernel: String, name: String) throws {
    var lines = try Fixture.text(kernel, "zoneinfo").split(separator: "\n", omittingEmptySubsequences: false)
    let indices = lines.indices.filter { lines[$0].split(separator: " ").starts(with: name.split(separator: " ")) }
    // The first is in a paragraph that another follows, the last in the one that ends the text.
    for index in try [#require(indices.first), #require(indices.last)] {
      let removed = lines.remove(at: index)
      #expect(throws: KernelTextError.self) { try ZoneInfo.parse(lines.joined(separator: "\n")) }
      lines.insert(removed, at: index)
    }
    #expect(try !ZoneInfo.parse(lines.joined(separator: "\n")).zones.isEmpty)
  }

  /// "high" comes again for each processor's lists, and those must not stand in for the zone's.
  @Test(arguments: ["4.19", "5.10", "6.1", "6.18"])
  func aZoneLacksItsHighWatermark(kernel: String) throws {
    let text = try Fixture.text(kernel, "zoneinfo")
    let range = try #require(text.firstRange(of: /\n        high +[0-9]+\n/))
    #expect(throws: KernelTextError.self) {
      try ZoneInfo.parse(text.replacing("\(text[range])", with: "\n", maxReplacements: 1))
    }
  }

  @Test func whichZoneLacksWhat() throws {
    let whole =
      "  pages free 9\n        min 1\n        low 2\n        high 3\n        spanned 4\n        present 5\n        managed 6\n"
    #expect(try ZoneInfo.parse("Node 0, zone DMA\n" + whole).zones.map(\.managedPages) == [6])
    #expect {
      try ZoneInfo.parse("Node 0, zone DMA\n" + whole + "Node 1, zone Normal\n  pages free 9\n        min 1\n")
    } throws: {
      let error = $0 as? KernelTextError
      return error?.content == "Node 1, zone Normal" && error?.expected == "a line 'high' for this zone"
    }
  }

  private static let slabHeader = "slabinfo - version: 2.1\n# name ...\n"

  @Test func aSlabCacheWithSpacesInItsName() throws {
    let caches = try SlabInfo.parse(
      Self.slabHeader + "my tunables cache 1 2 3 4 5 : tunables 6 7 8 : slabdata 9 10 11\n"
    ).caches
    #expect(caches.map(\.name) == ["my tunables cache"])
    #expect(
      caches[0].activeObjects == 1 && caches[0].objects == 2 && caches[0].pagesPerSlab == 5 && caches[0].slabs == 10)
    #expect(throws: KernelTextError.self) {
      try SlabInfo.parse(Self.slabHeader + "1 2 3 4 5 : tunables 6 7 8 : slabdata 9 10 11\n")
    }
  }

  @Test func aSlabCacheLargerThanAnyMachine() throws {
    let text =
      Self.slabHeader
      + "a 1 2 3 4 4 : tunables 6 7 8 : slabdata 9 1152921504606846976 11\nb 1 2 3 4 8 : tunables 6 7 8 : slabdata 9 10 11\n"
    let info = try SlabInfo.parse(text)
    // 2^60 slabs of four pages: 2^62 pages, which wrapped would be 0 bytes.
    #expect(info["a"]?.bytes(pageSize: 4096) == .max && info["a"]?.bytes(pageSize: 1) == 1 << 62)
    #expect(info["b"]?.bytes(pageSize: 65536) == UInt64(10 * 8 * 65536))
  }

  @Test(arguments: ["12 x (sh)", "12(sh)", "1\u{301}2 (sh)", "12  (sh)"])
  func aTaskWhoseNumberIsNone(head: String) throws {
    let tail = " S 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126\n"
    #expect(try TaskStat.parse("12 (sh)" + tail).pid == 12)
    #expect(throws: KernelTextError.self) { try TaskStat.parse(head + tail) }
  }

  @Test func onlyNodevStandsBeforeAFileSystem() throws {
    #expect(try FileSystems.parse("nodev\ttmpfs\n\txfs\n").names == ["tmpfs", "xfs"])
    #expect(throws: KernelTextError.self) { try FileSystems.parse("node\ttmpfs\n") }
  }
}
