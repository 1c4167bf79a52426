import Experiment

/// One quantity of the simulated machine: its key, its unit, where it comes from and why it is what it is.
public struct ModelParameter: Sendable {
  /// Where a default comes from.
  public enum Label: String, Sendable, Codable {
    /// The paper says so.
    case input
    /// Linux 2.4's or Linux 6's source says so.
    case kernel
    /// Chosen so that figures of the paper come out, inside the range that is physically sensible.
    case fitted
    /// A choice that no figure of the paper depends on.
    case chosen
  }

  public enum Unit: Sendable {
    case pages
    /// Pages, written as a size.
    case size
    case count
    /// A number with up to two digits after the decimal point.
    case hundredths
    case duration
  }

  public let key: String
  public let unit: Unit
  public let label: Label
  /// Also the physically sensible range of a fitted parameter.
  let range: ClosedRange<Int>
  public let reason: String
  let path: WritableKeyPath<ModelParameters, Int> & Sendable

  /// The allowed values in words.
  public var allowed: String { "\(word(range.lowerBound)) to \(word(range.upperBound))" }
  public var defaultText: String { text(ModelParameters()) }
  public func text(_ parameters: ModelParameters) -> String { word(parameters[keyPath: path]) }

  private func word(_ value: Int) -> String {
    switch unit {
    case .pages: "\(value) pages"
    case .size: ByteSize.exactText(UInt64(value) * 4096)
    case .count: "\(value)"
    case .hundredths: "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)"
    case .duration: DurationText.exactText(UInt64(value))
    }
  }

  func parse(_ text: String) throws(ScenarioError) -> Int {
    let value: Int? =
      switch unit {
      case .pages, .count: Int(text.hasSuffix(" pages") ? String(text.dropLast(6)) : text)
      case .size: ByteSize.parse(text).flatMap { $0 % 4096 == 0 ? Int(exactly: $0 / 4096) : nil }
      case .hundredths: Self.hundredths(text)
      case .duration: DurationText.parse(text).flatMap { Int(exactly: $0) }
      }
    guard let value, range.contains(value) else {
      throw ScenarioError(key: key, value: text, expected: allowed, option: "--set \(key)")
    }
    return value
  }

  private static func hundredths(_ text: String) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    // UInt32 would take a sign.
    guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let whole = parts.first.flatMap({ UInt32($0) })
    else { return nil }
    guard parts.count == 2 else { return Int(whole) * 100 }
    guard (1...2).contains(parts[1].utf8.count), let digits = UInt32(parts[1]) else { return nil }
    return Int(whole) * 100 + Int(digits) * (parts[1].utf8.count == 1 ? 10 : 1)
  }

  public static func named(_ key: String) -> ModelParameter? { all.first { $0.key == key } }

  private init(
    _ key: String, _ path: WritableKeyPath<ModelParameters, Int> & Sendable, _ unit: Unit, _ range: ClosedRange<Int>,
    _ label: Label, _ reason: String
  ) {
    (self.key, self.path, self.unit, self.range, self.label, self.reason) = (key, path, unit, range, label, reason)
  }

  public static let all: [ModelParameter] = [
    ModelParameter(
      "memory.zone", \.zonePages, .size, 4_096...16_000_000, .input, "kernel memory, 3.25 GB (paper, section 2.2)"),
    ModelParameter(
      "memory.free-at-boot", \.bootFreePages, .size, 2_048...16_000_000, .input,
      "3,098 MB (Fig. 9), the DMA zone's included"),
    ModelParameter(
      "memory.dma-free", \.dmaFreePages, .pages, 0...4_096, .fitted,
      "8.3 MB of large blocks survive (Fig. 9) less the 510 pages of the low watermark; the zone has 16 MB, and its reserve keeps it "
        + "from being used"),
    ModelParameter(
      "divided.fragmenting-zone", \.dividedFragmentingPages, .size, 1_024...8_000_000, .input, "2 GB (section 4.2.2)"),
    ModelParameter(
      "divided.fragmenting-used", \.dividedFragmentingUsedPages, .size, 0...65_536, .fitted,
      "77 of the 230 MiB in use at boot, so that 1,127 MB are left in the other zone (Fig. 9)"),
    ModelParameter(
      "divided.reserve-ratio", \.dividedReserveRatio, .count, 1...1_024, .kernel,
      "lower_zone_reserve_ratio of Linux 2.4: the other zone's size over 32 is kept from its fallback"),
    ModelParameter(
      "watermark.min", \.watermarkMinPages, .pages, 20...65_536, .kernel,
      "zone_balance_ratio 128, clamped to 255 (Linux 2.4)"),
    ModelParameter(
      "watermark.low", \.watermarkLowPages, .pages, 20...131_072, .kernel, "twice watermark.min (Linux 2.4)"),
    ModelParameter(
      "watermark.high", \.watermarkHighPages, .pages, 20...262_144, .kernel, "three times watermark.min (Linux 2.4)"),
    ModelParameter(
      "reclaim.batch", \.reclaimBatchPages, .pages, 1...1_024, .kernel,
      "SWAP_CLUSTER_MAX: pages that one try of reclaim frees"),
    ModelParameter(
      "cache.pages-per-operation", \.pagesPerOperation, .count, 1...8, .fitted,
      "mean number of cached pages of one file: data, the block layer's and the inode cluster; 1 to twice the mean less 1 at random"
    ),
    ModelParameter(
      "inode.per-page", \.inodesPerPageHundredths, .hundredths, 400...1_000, .fitted,
      "XFS's inode and the VFS's each have a slab, together some 725 bytes; 900,000 take 622 MiB, below the 1 GB of Table 1"
    ),
    ModelParameter(
      "working-set.size", \.workingSetPages, .size, 0...65_536, .input, "36 MB stay cached at threshold 2 (Fig. 13)"),
    ModelParameter(
      "working-set.touch-operations", \.workingSetTouchOperations, .count, 1...1_000, .chosen,
      "file operations for each touch of the working set, often enough that it stays in the cache while the files are rewritten"
    ),
    ModelParameter(
      "service.object-pages-per-file", \.fileObjectPagesHundredths, .hundredths, 0...1_000, .fitted,
      "inode, log item, dentry and buffers of a service's new file: 2 kB a file after 900,000 files on Linux 6.18's XFS"
    ),
    ModelParameter("unit.order", \.unitOrder, .count, 4...9, .input, "units of 64 kB (section 4.1)"),
    ModelParameter(
      "collect.window", \.collectWindowGroups, .count, 1...1_000_000, .chosen,
      "groups of 64 kB that one garbage collection looks through for the emptiest"),
    ModelParameter(
      "mapped.region", \.mappedRegionPages, .size, 16...1_048_576, .input,
      "the non-contiguous kernel space, 0.25 GB (section 2.2)"),
    ModelParameter(
      "reserve.size", \.reservePages, .size, 16...65_536, .chosen,
      "32 blocks of 64 kB for the failover of 128 mounts: the paper gives no size, and calls its protection partial"),
    ModelParameter(
      "linux6.min-free-kbytes", \.minFreeKilobytes, .count, 0...16_777_216, .kernel,
      "vm.min_free_kbytes; 0 for the kernel's own choice, 4 x the square root of the memory in kB (calculate_min_free_kbytes)"
    ),
    ModelParameter(
      "linux6.watermark-scale-factor", \.watermarkScaleFactor, .count, 1...3_000, .kernel,
      "vm.watermark_scale_factor: distance of the watermarks in 1/10,000 of a zone"),
    ModelParameter(
      "linux6.inode-pressure", \.inodePressureHundredths, .hundredths, 0...200, .fitted,
      "share of the inodes that is freed for each share of the LRU; 85 % of 900,000 inodes stayed in memory on Linux 6.18, most of "
        + "them having been used since the shrinker last came by"),
    ModelParameter(
      "linux6.dirty-background-percent", \.dirtyBackgroundPercent, .count, 0...100, .kernel,
      "vm.dirty_background_ratio: share of the free memory and the cache from which on services' files are written back"
    ),
    ModelParameter(
      "inode.freed-sixteenths", \.freedInodeShareSixteenths, .count, 0...16, .chosen,
      "share of the inodes that are freed at random when the occupancy of what holds them is judged, in sixteenths"),
    ModelParameter(
      "cost.operation", \.operationNanoseconds, .duration, 0...1_000_000_000, .chosen,
      "one file operation; no figure has it"),
    ModelParameter(
      "cost.mount", \.mountNanoseconds, .duration, 1_000...10_000_000_000, .fitted,
      "the slopes of Fig. 12, 0.06 s a mount and 0.04 under `divided`, less what reclaim adds to them"),
    ModelParameter(
      "cost.freed-page", \.freedPageNanoseconds, .duration, 100...100_000, .fitted,
      "one page scanned and freed on a Xeon of 1.8 GHz: some 10,000 cycles with cache misses and locks"),
    ModelParameter(
      "cost.refault", \.refaultNanoseconds, .duration, 10_000...20_000_000, .fitted,
      "one page of the working set read back; between a hit in the disk's own cache and a seek"),
    ModelParameter(
      "cost.copied-page", \.copiedPageNanoseconds, .duration, 100...1_000_000, .chosen,
      "4 kB copied and its references updated"),
    ModelParameter(
      "cost.mapped-page", \.mappedPageNanoseconds, .duration, 100...1_000_000, .chosen,
      "one page table entry and its TLB flush"),
    ModelParameter(
      "cost.scanned-group", \.scannedGroupNanoseconds, .duration, 0...1_000_000, .chosen,
      "a look at the 16 pages of one group"),
    ModelParameter(
      "cost.written-page", \.writtenPageNanoseconds, .duration, 0...10_000_000, .chosen,
      "writeback of one page under `linux-6`, 1 GB/s; until then it is dirty, and not reclaimed. 0s: nothing ever is dirty"
    ),
    ModelParameter(
      "cost.read-file", \.readFileNanoseconds, .duration, 0...1_000_000_000, .chosen,
      "a service's file opened and read back from the cache"),
  ]
}
