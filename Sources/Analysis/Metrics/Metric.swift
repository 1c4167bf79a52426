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
    /// Pages for each file that the workload created.
    case pagesPerFile
    /// 0 to 1.
    case share
  }

  /// Which values are better.
  public enum Direction: String, Sendable {
    case lower
    case higher
    /// Says how the run was set up, not how it went; it can be bounded, and is not judged.
    case neither
  }

  /// What a metric is for in `compare` and `sweep`.
  public enum Role: String, Sendable {
    /// A verdict is about it: whether the services came back, how many, how soon.
    case primary
    /// What a change must be shown not to have made worse before it is recommended.
    case safeguard
    /// What a change costs while nothing fails (Table 2, overhead): judged like a safeguard, said beside a recommendation, and no condition of it, for most
    /// failovers are measured without a workload.
    case overhead
    /// What a run met when its mounts began: by how much the sides differ in what they were given.
    case covariate
    case other
  }

  /// How a change of it is said.
  public enum Scale: String, Sendable, Codable {
    /// new / base: times and sizes.
    case ratio
    /// new - base: counts, which may be 0, and shares.
    case difference
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
  /// What it is for in a comparison.
  public let role: Role
  private let read: @Sendable (ComparedRun) -> Double?

  init(
    _ name: String, _ title: String, _ unit: Unit, _ better: Direction, unavailable: String?,
    growsWithMounts: Bool = false, role: Role = .other, _ read: @escaping @Sendable (ComparedRun) -> Double?
  ) {
    (self.name, self.title, self.unit, self.better, self.unavailable) = (name, title, unit, better, unavailable)
    (self.growsWithMounts, self.role, self.read) = (growsWithMounts, role, read)
  }

  /// Those of a role, in their order.
  public static func all(_ role: Role) -> [Metric] { all.filter { $0.role == role } }

  /// Counts what the failover is for, so that a bound on it says itself how many may be missing.
  var countsServices: Bool { self == .mountsCompleted || self == .servicesCompleted }

  /// How a change of it is said.
  public var scale: Scale { unit == .count || unit == .share ? .difference : .ratio }

  /// The metric of this name; nil where there is none.
  public static func named(_ name: String) -> Metric? { all.first { $0.name == name } }

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
}

extension Metric: Hashable {
  /// Names are unique.
  public static func == (one: Metric, other: Metric) -> Bool { one.name == other.name }
  /// Names are unique.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// In files a metric is its name.
extension Metric: Encodable {
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
