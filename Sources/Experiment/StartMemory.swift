/// How the free memory lay when a run began, by what the kernel keeps a page block for.
///
/// Page blocks keep their kind after a run, so that a machine is not the same machine for the next one: free memory on unmovable lists was
/// 143 MB before a first run and 1.0 to 2.7 GB before twelve later ones (Linux 6.18, 4 GiB). It cannot be put back, so it is on record.
public struct StartMemory: Equatable, Sendable, Codable {
  /// One kind of list of one zone.
  public struct List: Equatable, Sendable, Codable {
    public let node: Int
    public let zone: String
    /// As the kernel calls it: Unmovable, Movable, Reclaimable …
    public let mobility: String
    public let freeBytes: UInt64
    /// Of it in blocks of order 9 and more: 2 MiB with pages of 4 kB, what a page block is as a rule.
    public let wholeBlockBytes: UInt64
    /// The kernel stops counting at 100,000 blocks of an order: more is free than this says.
    public let isLowerBound: Bool

    public init(
      node: Int, zone: String, mobility: String, freeBytes: UInt64, wholeBlockBytes: UInt64, isLowerBound: Bool = false
    ) {
      (self.isLowerBound, self.node, self.zone, self.mobility) = (isLowerBound, node, zone, mobility)
      (self.freeBytes, self.wholeBlockBytes) = (freeBytes, wholeBlockBytes)
    }
  }

  /// Those on which something is free.
  public let lists: [List]

  public init(lists: [List]) { self.lists = lists }

  public var freeBytes: UInt64 { lists.reduce(0) { $0 + $1.freeBytes } }
  /// On lists of one kind; nil where the kernel has not counted to the end.
  public func freeBytes(_ mobility: String) -> UInt64? {
    let own = lists.filter { $0.mobility == mobility }
    return own.contains(where: \.isLowerBound) ? nil : own.reduce(0) { $0 + $1.freeBytes }
  }
  public var wholeBlockBytes: UInt64 { lists.reduce(0) { $0 + $1.wholeBlockBytes } }
}
