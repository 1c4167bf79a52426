/// The phases of the experiment, in the order in which a run may go through them.
public enum Phase: String, Sendable, Codable, CaseIterable {
  /// Volumes made and attached; the machine cut down to its size; settings of the scenario in force.
  case prepare
  /// Caches dropped, memory compacted, the start state recorded.
  case settle
  /// Every file is created and written once (paper, section 5.1, environment 2 (a), first half).
  case populate
  /// Files chosen at random are written again (second half).
  case rewrite
  /// Snapshot-like pages, allocated one by one and kept (environment 2 (b)).
  case pin
  /// The pattern of pinned and transient pages (environment 1).
  case inject
  /// The timed mounts, one after another (environment 2 (c)).
  case failover
  /// Everything unmounted, detached, deleted, restored.
  case teardown
}
