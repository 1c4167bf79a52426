import Experiment
import Report
import TestSupport
import Testing

@Suite struct MountsCSVTests {
  private static let columns = String(MountsCSV.header.dropLast()).split(separator: ",").map { String($0) }

  /// The cells of one line by column, for lines without quotes.
  private static func cells(_ line: Substring) -> [String: String] {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    return Dictionary(uniqueKeysWithValues: zip(columns, cells))
  }

  @Test func theColumnsAreAnInterface() {
    #expect(
      MountsCSV.header
        == "number,outcome,errno,explanation,started_at_ns,pause_ns,elapsed_ns,demand_ns,demand_met,demand_retries,"
        + "demand_cpu_ns,demand_conversation_ns,mount_ns,thread_cpu_ns,"
        + "sentinel_ns,service_work_ns,service_files,service_failed_files,service_slowest_write_ns,service_ns,cumulative_ns,kswapd_cpu_ns,kcompactd_cpu_ns,compact_stall,"
        + "compact_fail,compact_success,compact_migrate_scanned,compact_free_scanned,allocstall,pgscan_kswapd,pgscan_direct,pgsteal_kswapd,"
        + "pgsteal_direct,pgmigrate_success,pgmigrate_fail,free_bytes,free_64k_bytes,usable_64k_bytes,"
        + "per_cpu_free_bytes,data_cache_bytes,locked_bytes,dirty_bytes,writeback_bytes,inode_slab_bytes,"
        + "dentry_slab_bytes,slab_reclaimable_bytes,slab_unreclaimable_bytes,psi_some_us,psi_full_us,promotion_ratio,"
        + "free_order_0,free_order_1,free_order_2,free_order_3,free_order_4,free_order_5,free_order_6,free_order_7,"
        + "free_order_8,free_order_9,free_order_10\n")
  }

  @Test func valuesStandInTheirColumns() {
    let record = SampleRecord.record
    let lines = MountsCSV.text(
      record.mounts, SampleRecord.observations, watermarks: record.start?.watermarks ?? []
    ).split(separator: "\n")
    #expect(lines.count == 4)
    let second = Self.cells(lines[2])
    let expected: [String: String] = [
      "number": "2", "outcome": "mounted", "errno": "", "explanation": "", "started_at_ns": "50000000",
      "demand_ns": "700000",
      "demand_met": "true", "demand_retries": "0", "mount_ns": "12000000", "thread_cpu_ns": "4000000",
      "sentinel_ns": "300000",
      "service_ns": "13000000", "cumulative_ns": "26000000", "kswapd_cpu_ns": "1000000", "kcompactd_cpu_ns": "0",
      "pause_ns": "200000", "elapsed_ns": "99800000", "demand_cpu_ns": "650000", "demand_conversation_ns": "90000",
      "usable_64k_bytes": "6799360", "per_cpu_free_bytes": "", "compact_stall": "3", "compact_fail": "",
      "allocstall": "6",
      "pgsteal_kswapd": "256", "pgsteal_direct": "", "free_bytes": "28000000", "data_cache_bytes": "100000000",
      "inode_slab_bytes": "900000000", "dentry_slab_bytes": "170000000", "slab_reclaimable_bytes": "1100000000",
      "slab_unreclaimable_bytes": "90000000", "psi_some_us": "1000", "psi_full_us": "10", "free_order_0": "1102",
      "free_order_1": "550", "free_order_4": "4", "free_order_10": "2",
    ]
    for (column, value) in expected { #expect(second[column] == value, "\(column)") }
    // DMA32: 4 x 64, 3 x 128, 1 x 256 kB and 2 x 4 MB.
    let large = 4 * 65_536 + 3 * 131_072 + 262_144 + 2 * 4_194_304
    #expect(second["free_64k_bytes"] == "\(large)")
    // One 64 kB block less, one taken by the demand: nothing new for 256 pages reclaimed.
    #expect(second["promotion_ratio"] == "0.0")
    let third = Self.cells(lines[3])
    #expect(third["outcome"] == "demand-not-met" && third["errno"] == "12")
    #expect(third["mount_ns"] == "" && third["demand_met"] == "false")
    #expect(third["explanation"] == "no contiguous block of 64 kB could be had")
    #expect(third["cumulative_ns"] == "60026000000")
  }

  @Test func unavailableIsEmptyNeverZero() {
    let bare = MountRecord(
      number: 1, outcome: .timedOut, startedAtNanoseconds: 3, mountDurationNanoseconds: nil, threadCPUNanoseconds: nil,
      sentinelDurationNanoseconds: nil, demand: nil,
      counterDeltas: [:])
    let cells = Self.cells(MountsCSV.text([bare], []).split(separator: "\n")[1])
    let filled = cells.filter { !$0.value.isEmpty }
    let expected = [
      "number": "1", "outcome": "timed-out", "explanation": "not mounted within the mount timeout",
      "started_at_ns": "3",
      "pause_ns": "3", "elapsed_ns": "3", "service_ns": "0", "cumulative_ns": "0",
    ]
    #expect(filled == expected)
  }

  /// A model of fewer orders has no order 10; it does not have none free of it.
  @Test func anOrderThatIsNotThereIsEmpty() {
    let state = MemoryState(
      takenAtNanoseconds: 0, pageBytes: 4096,
      zones: [.init(node: 0, name: "k", freeBlocks: Array(repeating: 7, count: 10))],
      freeBytes: 0)
    let line = MountsCSV.row(
      SampleRecord.mount(1, .mounted), MountContext(), before: nil,
      after: Observation(afterMount: 1, state: state))
    #expect(line.hasSuffix(",7,7,7,7,7,7,7,7,7,7,\n"))
  }

  @Test(arguments: [
    ("plain", "mount: plain"), ("a, b", "\"mount: a, b\""), ("say \"no\"", "\"mount: say \"\"no\"\"\""),
    ("two\nlines", "\"mount: two\nlines\""), ("two\r\nlines", "\"mount: two\r\nlines\""), ("cr\rx", "\"mount: cr\rx\""),
  ])
  func foreignTextIsQuoted(reason: String, cell: String) {
    let mount = SampleRecord.mount(1, .failed(operation: "mount", errorNumber: 5, reason: reason))
    let line = MountsCSV.row(mount, MountContext(), before: nil, after: nil)
    #expect(line.hasPrefix("1,failed,5,\(cell),0,"))
  }

  @Test(arguments: ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
  func formulasAreTexts(reason: String) {
    let line = MountsCSV.row(
      SampleRecord.mount(1, .sentinelWrong(reason: reason)), MountContext(), before: nil, after: nil)
    #expect(line.hasPrefix("1,sentinel-wrong,,'\(reason),") || line.hasPrefix("1,sentinel-wrong,,\"'\(reason)\","))
  }
}
