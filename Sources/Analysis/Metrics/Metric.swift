import Experiment

/// A figure of a run, one number: its name, its unit, which values are better, where a run does not have it, and how it is read.
///
/// ``all`` is the only list of them. `gate`, `compare`, `sweep`, the tables and the columns of `report --format csv` take their names, titles
/// and values from here.
public struct Metric: Sendable {
  /// What ``value(of:firstMounts:)`` and every bound are in.
  public enum Unit: String, Sendable {
    case count
    case seconds
    case milliseconds
    /// 2^20 bytes.
    case mebibytes
    /// 0 to 1.
    case share
  }

  /// Which values are better.
  public enum Direction: String, Sendable {
    case lower
    case higher
    /// Says how the run was set up, not how it went; it can be bounded, but not compared.
    case neither
  }

  /// A name that a figure had in files and options of earlier versions.
  struct Alias: Sendable {
    let name: String
    /// How many of the old unit are one of ``Metric/unit``: values under the old name are divided by it.
    let perUnit: Double
  }

  /// `mounts.completed`: what it is called in options, JSON and CSV. The unit, where there is one, stands last.
  public let name: String
  /// What it is called in tables.
  public let title: String
  /// What values and bounds are in.
  public let unit: Unit
  /// Which values are better.
  public let better: Direction
  /// When a run does not have this figure, to be read after "unavailable"; nil where every run has it.
  public let unavailable: String?
  /// Whether a run that stops early has less of it for that reason alone: the mounts that it never reached are the ones that find memory fullest.
  public let growsWithMounts: Bool
  /// Its place among those that `compare` and `sweep` look at unless told otherwise, 1 for what says most about whether the services came
  /// back; nil for the others. A comparison of more metrics needs more runs.
  public let weight: Int?
  let alias: Alias?
  private let read: @Sendable (ComparedRun) -> Double?

  private init(
    _ name: String, _ title: String, _ unit: Unit, _ better: Direction, unavailable: String?,
    growsWithMounts: Bool = false, weight: Int? = nil,
    alias: Alias? = nil, _ read: @escaping @Sendable (ComparedRun) -> Double?
  ) {
    self.name = name
    self.title = title
    self.unit = unit
    self.better = better
    self.unavailable = unavailable
    self.growsWithMounts = growsWithMounts
    self.weight = weight
    self.alias = alias
    self.read = read
  }

  /// Services that came up.
  public static let mountsCompleted = Metric(
    "mounts.completed", "mounts completed", .count, .higher, unavailable: nil, weight: 1,
    alias: Alias(name: "mounts-completed", perUnit: 1)
  ) { Double($0.summary.mountsCompleted) }

  /// The scenario's file systems.
  public static let mountsRequested = Metric("mounts.requested", "mounts requested", .count, .neither, unavailable: nil)
  {
    Double($0.summary.mountsRequested)
  }

  /// Counted from 1. Where every mount came up it is one more than were asked for, so that runs can be compared.
  public static let firstStoppedMount = Metric(
    "mounts.first_stopped", "first stopped mount", .count, .higher, unavailable: nil, weight: 2,
    alias: Alias(name: "first-stopped-mount", perUnit: 1)
  ) { Double($0.summary.firstStoppedMount ?? $0.summary.mountsRequested + 1) }

  /// Demand, mount and sentinel, summed over all mounts that were tried.
  public static let totalTime = Metric(
    "total.seconds", "total time", .seconds, .lower, unavailable: noMount, growsWithMounts: true, weight: 3,
    alias: Alias(name: "total-time", perUnit: 1e9)
  ) { $0.record.mounts.isEmpty ? nil : seconds($0.summary.totalNanoseconds) }

  /// Over the services that came up, as are the next two.
  public static let mountMedian = Metric(
    "mount.median_ms", "median per service", .milliseconds, .lower, unavailable: noService, growsWithMounts: true,
    weight: 5,
    alias: Alias(name: "mount-median", perUnit: 1e6)
  ) { milliseconds($0.summary.medianNanoseconds) }

  /// With fewer than 100 services, nearly the maximum.
  public static let mountP99 = Metric(
    "mount.p99_ms", "99th percentile", .milliseconds, .lower, unavailable: noService, growsWithMounts: true, weight: 4,
    alias: Alias(name: "mount-p99", perUnit: 1e6)
  ) { milliseconds($0.summary.p99Nanoseconds) }

  /// The slowest service.
  public static let mountMaximum = Metric(
    "mount.max_ms", "maximum", .milliseconds, .lower, unavailable: noService, growsWithMounts: true
  ) { milliseconds($0.summary.maximumNanoseconds) }

  /// What the tool puts between two mounts, where no pause was asked for.
  public static let pauseMedian = Metric(
    "pause.median_ms", "median pause between mounts", .milliseconds, .neither,
    unavailable: "there are fewer than two mounts"
  ) { milliseconds($0.summary.pauseMedianNanoseconds) }

  /// Of the mounting thread, in mount(2).
  public static let threadCPU = Metric(
    "cpu.seconds", "CPU time of mount(2)", .seconds, .lower, unavailable: "the CPU time of a mount is not known",
    growsWithMounts: true, weight: 6,
    alias: Alias(name: "thread-cpu", perUnit: 1e9)
  ) { run in run.threadCPUNanoseconds.map(seconds) }

  /// How often a task had to reclaim memory itself, over the failover (``ReclaimCounters``).
  public static let allocationStalls = Metric(
    "stalls.allocation", "allocation stalls", .count, .lower, unavailable: uncounted, growsWithMounts: true, weight: 7,
    alias: Alias(name: "allocation-stalls", perUnit: 1)
  ) { $0.summary.allocationStalls.map { Double($0) } }

  /// How often a task had to compact memory itself, over the failover (``ReclaimCounters``).
  public static let compactionStalls = Metric(
    "stalls.compaction", "compaction stalls", .count, .lower, unavailable: uncounted, growsWithMounts: true, weight: 8,
    alias: Alias(name: "compaction-stalls", perUnit: 1)
  ) { $0.summary.compactionStalls.map { Double($0) } }

  /// Free memory in blocks of 64 kB or more before the first mount: what the phases before it left, an outcome like the others.
  public static let largeFreeBefore = Metric(
    "free_large.before_mib", "free in 64 kB+ before", .mebibytes, .higher, unavailable: unobservedBefore, weight: 9,
    alias: Alias(name: "large-free-bytes-before", perUnit: 1_048_576)
  ) { $0.summary.largeFreeBytesBefore?.mebibytes }

  /// Free memory in blocks of 64 kB or more after the last mount.
  public static let largeFreeAfter = Metric(
    "free_large.after_mib", "free in 64 kB+ after", .mebibytes, .higher,
    unavailable: "memory was not observed after a mount"
  ) { $0.summary.largeFreeBytesAfter?.mebibytes }

  /// Which share of the free memory could not serve a request for 64 kB, before the first mount (mm/vmstat.c, unusable_free_index).
  public static let unusableIndexBefore = Metric(
    "unusable_index.before", "unusable index before", .share, .lower,
    unavailable: "memory was not observed before the first mount, or none was free",
    weight: 10, alias: Alias(name: "unusable-index-before", perUnit: 1)
  ) { $0.summary.unusableFreeSpaceIndexBefore }

  /// What the run could not put back on the host.
  public static let leftovers = Metric(
    "host.leftovers", "left behind", .count, .lower, unavailable: "the run did not say what it left behind"
  ) {
    $0.record.leftovers.map { Double($0.items.count) }
  }

  /// Every metric once, in the order of tables and columns.
  public static let all: [Metric] = [
    mountsCompleted, mountsRequested, firstStoppedMount, totalTime, mountMedian, mountP99, mountMaximum, pauseMedian,
    threadCPU, allocationStalls, compactionStalls, largeFreeBefore, largeFreeAfter, unusableIndexBefore, leftovers,
  ]

  /// Those with better and worse values.
  public static let comparable = all.filter { $0.better != .neither }

  /// What `compare` and `sweep` look at unless told otherwise.
  public static let compared = all.filter { $0.weight != nil }

  /// The same, what says most about whether the services came back first; settings are recommended by it.
  public static let byWeight = compared.sorted { ($0.weight ?? .max) < ($1.weight ?? .max) }

  /// The metric of this name; nil where there is none.
  ///
  /// - Parameter aliases: whether a name of earlier versions will do. Not for bounds: they would be read in another unit than they were meant in.
  public static func named(_ name: String, aliases: Bool = false) -> Metric? {
    all.first { $0.name == name || aliases && $0.alias?.name == name }
  }

  /// `a, b, c`: for help and messages.
  public static func names(_ metrics: [Metric] = all) -> String { metrics.map(\.name).joined(separator: ", ") }

  /// In ``unit``; nil where ``unavailable`` says.
  ///
  /// - Parameter count: the figure as it would be had the failover ended after that many mounts, where that matters (``growsWithMounts``); nil for
  ///   the whole run.
  public func value(of run: ComparedRun, firstMounts count: Int? = nil) -> Double? {
    guard growsWithMounts, let count, count < run.record.mounts.count else { return read(run) }
    return read(run.shortened(toFirst: count))
  }

  private static let noMount = "no mount was tried"
  private static let noService = "no service came up"
  private static let uncounted = "memory was not observed before and after the mounts, or the kernel does not count it"
  private static let unobservedBefore = "memory was not observed before the first mount"

  private static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / 1e9 }
  private static func milliseconds(_ nanoseconds: UInt64?) -> Double? { nanoseconds.map { Double($0) / 1e6 } }
}

extension Metric: Hashable {
  /// Names are unique.
  public static func == (one: Metric, other: Metric) -> Bool { one.name == other.name }
  /// Names are unique.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// In files a metric is its name.
extension Metric: Codable {
  /// A name as a file has it. Names of earlier versions stood for values in other units.
  struct StoredName: Decodable {
    let metric: Metric
    private let perUnit: Double

    /// Throws `DecodingError` for a name that no metric has or had.
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let name = try container.decode(String.self)
      guard let metric = Metric.named(name, aliases: true) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "there is no metric '\(name)'")
      }
      self.metric = metric
      perUnit = metric.name == name ? 1 : metric.alias?.perUnit ?? 1
    }

    /// A value that stands beside the name, in ``Metric/unit``.
    func value(_ stored: Double) -> Double { stored / perUnit }
  }

  /// Throws `DecodingError` for a name that no metric has or had.
  public init(from decoder: any Decoder) throws { self = try StoredName(from: decoder).metric }

  /// Throws what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension UInt64 {
  /// MB as the paper has them: 2^20 bytes (its 3.25 GB are 832 x 1,024 pages).
  var mebibytes: Double { Double(self) / 1_048_576 }
}
