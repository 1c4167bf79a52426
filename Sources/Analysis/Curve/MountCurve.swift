public import Experiment

/// The curve of Fig. 11 of any failover, real or simulated: what each mount took, and all up to it.
public struct MountCurve: Equatable, Sendable {
  /// By mount, the first at index 0.
  public let durationsSeconds: [Double]
  public let cumulativeSeconds: [Double]

  public init(durationsSeconds: [Double]) {
    self.durationsSeconds = durationsSeconds
    var sum = 0.0
    cumulativeSeconds = durationsSeconds.map {
      sum += $0
      return sum
    }
  }

  /// The services that came up before the first that did not.
  public init(of mounts: [MountRecord]) {
    self.init(durationsSeconds: mounts.prefix { $0.outcome.isInService }.map { Double($0.serviceDurationNanoseconds) / 1e9 })
  }

  public var count: Int { durationsSeconds.count }
}
