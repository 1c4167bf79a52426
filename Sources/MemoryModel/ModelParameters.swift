public import Experiment

/// The quantities of the simulated machine that a scenario does not have. ``ModelParameter/all`` has each one's key, unit,
/// range, label and reason.
public struct ModelParameters: Equatable, Sendable {
  // The paper's machine.
  var zonePages = 851_968
  var bootFreePages = 793_088
  var dmaFreePages = 1_613
  var dividedFragmentingPages = 524_288
  var dividedFragmentingUsedPages = 19_712
  var dividedReserveRatio = 32

  // Reclaim.
  var watermarkMinPages = 255
  var watermarkLowPages = 510
  var watermarkHighPages = 765
  var reclaimBatchPages = 32

  // What the objects take.
  var pagesPerOperation = 3
  var inodesPerPageHundredths = 565
  var workingSetPages = 9_216
  var workingSetTouchOperations = 10
  var fileObjectPagesHundredths = 50

  // The schemes.
  var unitOrder = 4
  var collectWindowGroups = 4_096
  var mappedRegionPages = 65_536
  var reservePages = 512
  var minFreeKilobytes = 0
  var watermarkScaleFactor = 10
  var inodePressureHundredths = 10
  var freedInodeShareSixteenths = 15
  var dirtyBackgroundPercent = 10

  // Time.
  var operationNanoseconds = 100_000
  var mountNanoseconds = 37_000_000
  var freedPageNanoseconds = 5_600
  var refaultNanoseconds = 300_000
  var copiedPageNanoseconds = 5_000
  var mappedPageNanoseconds = 1_000
  var scannedGroupNanoseconds = 100
  var writtenPageNanoseconds = 4_000
  var readFileNanoseconds = 10_000

  public init() {}

  /// The defaults with the settings of `scenario` (`--set KEY=VALUE`) applied.
  ///
  /// - Parameter isOfToday: a machine of today. Its XFS has inodes of 1,024 bytes (slab xfs_inode, 32 in 8 pages) and no data in the
  ///   page cache but the files' own; a mount takes some 6.5 ms, a freed page half a microsecond (Linux 6.18 on an AMD EPYC).
  public init(_ scenario: Scenario, isOfToday: Bool = false) throws(ScenarioError) {
    if isOfToday {
      inodesPerPageHundredths = 400
      pagesPerOperation = 1
      mountNanoseconds = 6_500_000
      freedPageNanoseconds = 500
      refaultNanoseconds = 100_000
      copiedPageNanoseconds = 1_000
    }
    if !isOfToday, let memoryBytes = scenario.memoryBytes, memoryBytes != Self.paperMemoryBytes {
      guard memoryBytes <= Self.largestMemoryBytes else {
        throw ScenarioError(
          key: ScenarioKey.memory.rawValue, value: ByteSize.exactText(memoryBytes),
          expected: "none, or up to \(ByteSize.exactText(Self.largestMemoryBytes)) in the model")
      }
      scale(toMachine: memoryBytes)
    }
    for setting in scenario.modelSettings {
      guard let parameter = ModelParameter.named(setting.key) else {
        throw ScenarioError(
          key: ScenarioKey.set.rawValue, value: setting.key,
          expected: ModelParameter.all.map(\.key).joined(separator: ", "))
      }
      self[keyPath: parameter.path] = try parameter.parse(setting.value)
    }
    try validate()
  }

  /// The paper's machine: 4 GB, of which 3.25 GB are kernel memory.
  private static let paperMemoryBytes: UInt64 = 4 << 30

  /// The simulation numbers its pages by 24 bits.
  private static let largestMemoryBytes: UInt64 = 72 << 30

  /// A machine of another size has kernel memory, free memory and zones in the same proportions.
  private mutating func scale(toMachine bytes: UInt64) {
    for path in [\.zonePages, \.bootFreePages, \.dividedFragmentingPages, \.dividedFragmentingUsedPages]
      as [WritableKeyPath<Self, Int>]
    {
      self[keyPath: path] = Int(UInt64(self[keyPath: path]).multipliedFullWidth(by: bytes).low / Self.paperMemoryBytes)
    }
  }

  /// Values that do not go together.
  private func validate() throws(ScenarioError) {
    func refuse(_ key: String, _ path: KeyPath<ModelParameters, Int>, _ expected: String) throws(ScenarioError) {
      let parameter = ModelParameter.named(key)
      throw ScenarioError(
        key: key, value: parameter?.text(self) ?? "\(self[keyPath: path])", expected: expected, option: "--set \(key)")
    }
    if watermarkLowPages < watermarkMinPages {
      try refuse("watermark.low", \.watermarkLowPages, "watermark.min or more")
    }
    if watermarkHighPages < watermarkLowPages {
      try refuse("watermark.high", \.watermarkHighPages, "watermark.low or more")
    }
    if bootFreePages - dmaFreePages > zonePages {
      try refuse("memory.free-at-boot", \.bootFreePages, "memory.zone and memory.dma-free together or less")
    }
    if dividedFragmentingPages >= zonePages {
      try refuse("divided.fragmenting-zone", \.dividedFragmentingPages, "less than memory.zone")
    }
    let used = zonePages - (bootFreePages - dmaFreePages)
    if dividedFragmentingUsedPages > min(used, dividedFragmentingPages)
      || used - dividedFragmentingUsedPages > zonePages - dividedFragmentingPages
    {
      try refuse(
        "divided.fragmenting-used", \.dividedFragmentingUsedPages,
        "what is in use at boot (memory.zone less memory.free-at-boot), shared by the two zones so that each holds its part"
      )
    }
    if bootFreePages < 16 * watermarkHighPages {
      try refuse("memory.free-at-boot", \.bootFreePages, "at least 16 times watermark.high")
    }
  }
}
