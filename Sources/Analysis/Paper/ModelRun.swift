public import Experiment

/// What one run on the simulated machine came to: a scheme, a seed, and everything that was observed.
public struct ModelRun: Equatable, Sendable, Codable {
  public let scheme: String
  public let seed: UInt64
  public var start: StartState?
  public var pin: PinRecord?
  public var inject: InjectRecord?
  public var mounts: [MountRecord]
  /// Before the first mount (`afterMount` 0) and after each.
  public var observations: [Observation]
  /// Why the run itself ended early: the machine was too small for its workload. A service that stops is no such thing.
  public var failure: String?

  public init(scheme: String, seed: UInt64) {
    self.scheme = scheme
    self.seed = seed
    mounts = []
    observations = []
  }

  /// Takes in one event; what is not asked for here is left out.
  public mutating func apply(_ event: RunEvent) {
    switch event {
    case .started(let value): start = value
    case .pinned(let value): pin = value
    case .injected(let value): inject = value
    case .mount(let value): mounts.append(value)
    case .observation(let value): observations.append(value)
    case .ended(.failed(let error), _): failure = error.description
    default: break
    }
  }
}
