import KernelText
import Testing

@Suite struct CounterTests {
  private static func vmstat(_ kernel: String) throws -> VMStat { try VMStat.parse(try Fixture.text(kernel, "vmstat")) }

  @Test func countersByName() throws {
    let old = try Self.vmstat("4.19")
    #expect(old["compact_stall"] == 17 && old["compact_fail"] == 12 && old["compact_success"] == 5)
    #expect(old["nr_unstable"] == 0 && old["pgsteal_khugepaged"] == nil)
    #expect(try Self.vmstat("6.1")["pgsteal_khugepaged"] == 3)
    let recorded = try Self.vmstat("6.18")
    #expect(recorded.counters.count == 192)
    #expect(recorded["pgsteal_kswapd"] == 1_546_425 && recorded["pgsteal_file"] == 1_588_731)
  }

  @Test func sumsByTheBeginningOfTheName() throws {
    #expect(try Self.vmstat("4.19").sum(prefix: "allocstall_") == UInt64(0 + 3 + 61 + 574))
    #expect(try Self.vmstat("5.10").sum(prefix: "allocstall_") == 321)
    #expect(try Self.vmstat("6.1").sum(prefix: "pgsteal_k") == 13)
    #expect(try Self.vmstat("6.1").sum(prefix: "nothing_") == nil)
    // Between two readings the sum may pass 2^64; the difference is right all the same.
    #expect(try VMStat.parse("a_1 18446744073709551615\na_2 3\n").sum(prefix: "a_") == 2)
  }

  @Test(arguments: [
    "pgfree\n", "pgfree 1 2\n", "pgfree +1\n", "pgfree -1\n", "pgfree 0x10\n", "pgfree 1k\n", "pgfree ١\n",
  ])
  func counterLinesThatAreRefused(text: String) {
    #expect { try VMStat.parse("nr_free_pages 1\n" + text) } throws: { ($0 as? KernelTextError)?.line == 2 }
  }

  @Test func memoryInBytes() throws {
    let old = try MemInfo.parse(try Fixture.text("4.19", "meminfo"))
    #expect(old.bytes("MemTotal") == 4_092_324 * 1024 && old.bytes("KReclaimable") == nil)
    #expect(old.bytes("HardwareCorrupted") == 0 && old.bytes("Hugepagesize") == 2 << 20)
    let recorded = try MemInfo.parse(try Fixture.text("6.18", "meminfo"))
    #expect(recorded.bytes("MemTotal") == 25_276_502_016)
    #expect(recorded.bytes("VmallocTotal") == 34_359_738_367 * 1024 && recorded.bytes("Active(file)") != nil)
  }

  /// An entry has a unit or none; 512 huge pages are not 512 kB.
  @Test func countsAreNoBytes() throws {
    let info = try MemInfo.parse(try Fixture.text("5.10", "meminfo"))
    #expect(info.count("HugePages_Total") == 512 && info.count("HugePages_Free") == 500)
    #expect(info.bytes("HugePages_Total") == nil && info.count("MemTotal") == nil)
    #expect(info.bytes("Hugetlb") == UInt64(512 * 2 << 20))
  }

  /// The kernel counts inodes as available that vm.vfs_cache_pressure 0 never gives back.
  @Test func inodesThatStayAreNotAvailable() throws {
    let usual = try MemInfo.parse("MemFree: 1 kB\nMemAvailable: 900 kB\nSReclaimable: 600 kB\n")
    #expect(usual.availableBytes(inodesStay: false) == 900 << 10 && usual.availableBytes(inodesStay: true) == 300 << 10)
    let little = try MemInfo.parse("MemAvailable: 500 kB\nSReclaimable: 600 kB\n")
    #expect(little.availableBytes(inodesStay: true) == 0)
    #expect(try MemInfo.parse("MemFree: 1 kB\n").availableBytes(inodesStay: true) == nil)
  }

  /// Free pages and file pages of ZONE_MOVABLE serve nobody else.
  @Test func whatTheKernelCanHaveForItself() throws {
    let zone = { (name: String, free: Int, file: Int) in
      """
      Node 0, zone \(name)
        pages free     \(free)
              min      1
              low      2
              high     3
              spanned  9000
              present  9000
              managed  9000
              protection: (0, 0, 0)
            nr_zone_inactive_file \(file)
            nr_zone_active_file 1

      """
    }
    let info = try MemInfo.parse("MemAvailable: 4000 kB\nSReclaimable: 1000 kB\n")
    let divided = try ZoneInfo.parse(zone("Normal", 500, 40) + zone("Movable", 300, 99))
    // 300 + 99 + 1 pages.
    #expect(info.availableToKernelBytes(inodesStay: false, divided) == (4000 - 1600) << 10)
    #expect(info.availableToKernelBytes(inodesStay: true, divided) == (3000 - 1600) << 10)
    let whole = try ZoneInfo.parse(zone("Normal", 500, 40))
    #expect(info.availableToKernelBytes(inodesStay: false, whole) == 4000 << 10)
    let full = try ZoneInfo.parse(zone("Movable", 5000, 0))
    #expect(info.availableToKernelBytes(inodesStay: false, full) == 0)
  }

  @Test func kilobytesThatAreNoBytes() throws {
    let info = try MemInfo.parse("MemTotal: 18014398509481984 kB\nMemFree: 18014398509481983 kB\n")
    #expect(info.bytes("MemTotal") == nil)
    #expect(info.bytes("MemFree") == UInt64(UInt64.max - 1023))
  }

  @Test(arguments: [
    "MemFree 5 kB\n", "MemFree:\n", "MemFree: 5 MB\n", "MemFree: 5 kB 6\n", "MemFree: kB\n", "MemFree: 5.0 kB\n",
  ])
  func memoryLinesThatAreRefused(text: String) {
    #expect { try MemInfo.parse("MemTotal: 1 kB\n" + text) } throws: { ($0 as? KernelTextError)?.line == 2 }
  }

  @Test func pressure() throws {
    let pressure = try Pressure.parse(try Fixture.text("5.10", "pressure-memory"))
    let some = try #require(pressure.some)
    #expect(some.avg10 == 0.12 && some.avg60 == 3.45 && some.avg300 == 67.89 && some.totalMicroseconds == 123_456)
    let full = try #require(pressure.full)
    #expect(full.avg10 == 0 && full.avg60 == 1.05 && full.avg300 == 9.9 && full.totalMicroseconds == 54_321)
  }

  @Test func pressureAtItsBounds() throws {
    let pressure = try Pressure.parse(try Fixture.text("6.1", "pressure-memory"))
    #expect(pressure.some?.avg10 == 99.99 && pressure.some?.totalMicroseconds == .max && pressure.full?.avg10 == 100)
  }

  @Test func pressureAsRecorded() throws {
    let pressure = try Pressure.parse(try Fixture.text("6.18", "pressure-memory"))
    #expect(pressure.some?.avg300 == 0.25 && pressure.some?.totalMicroseconds == 5_785_478)
    #expect(pressure.full?.avg300 == 0.14 && pressure.full?.totalMicroseconds == 3_538_703)
  }

  @Test(arguments: [
    "any avg10=0.00 avg60=0.00 avg300=0.00 total=0", "some avg10=0.0 avg60=0.00 avg300=0.00 total=0",
    "some avg10=0 avg60=0.00 avg300=0.00 total=0", "some avg10=0.00.00 avg60=0.00 avg300=0.00 total=0",
    "some avg60=0.00 avg10=0.00 avg300=0.00 total=0", "some avg10=-1.00 avg60=0.00 avg300=0.00 total=0",
    "some avg10=nan avg60=0.00 avg300=0.00 total=0", "some avg10=0.00 avg60=0.00 avg300=0.00",
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=",
  ])
  func pressureThatIsRefused(line: String) {
    #expect(throws: KernelTextError.self) { try Pressure.parse(line + "\n") }
  }

  @Test func slabCaches() throws {
    let old = try SlabInfo.parse(try Fixture.text("4.19", "slabinfo"))
    #expect(old.caches.map(\.name) == ["xfs_inode", "dentry", "kmalloc-64"])
    let inodes = try #require(old["xfs_inode"])
    #expect(inodes.activeObjects == 899_950 && inodes.objects == 900_000 && inodes.objectSizeBytes == 960)
    #expect(inodes.objectsPerSlab == 17 && inodes.pagesPerSlab == 4 && inodes.slabs == 52_942)
    // 52,942 slabs of 16 kB.
    #expect(inodes.bytes(pageSize: 4096) == 867_401_728)
    #expect(old["xfs_ili"] == nil)
    let recorded = try SlabInfo.parse(try Fixture.text("6.18", "slabinfo"))
    #expect(recorded.caches.count == 14)
    #expect(recorded["dentry"]?.activeObjects == 91_983 && recorded["dentry"]?.slabs == 4679)
  }

  /// A cache's number of slabs is the second after "slabdata"; the active ones stand before it.
  @Test func allSlabsAreCounted() throws {
    let header = "slabinfo - version: 2.1\n# name ...\n"
    let text = header + "x 1 2 3 4 5 : tunables 6 7 8 : slabdata 9 10 11\n"
    #expect(try SlabInfo.parse(text)["x"]?.slabs == 10)
    // CONFIG_DEBUG_SLAB had two more groups.
    let debug = header + "x 1 2 3 4 5 : tunables 6 7 8 : slabdata 9 10 11 : globalstat 1 2 3 : cpustat 4 5 6 7\n"
    #expect(try SlabInfo.parse(debug) == SlabInfo.parse(text))
    #expect(throws: KernelTextError.self) { try SlabInfo.parse("slabinfo - version: 3.0\n") }
    #expect(throws: KernelTextError.self) { try SlabInfo.parse(header + "x 1 2 : slabdata 9 10 11\n") }
    #expect(throws: KernelTextError.self) { try SlabInfo.parse(header + "x 1 2 3 4 5 : tunables 6 7 8 : slabdata 9\n") }
  }
}
