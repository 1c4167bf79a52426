import Experiment

/// Figures of the services' work, of a real run or a model's.
enum ServiceFigures {
  static func haveWork(_ mounts: [MountRecord]) -> Bool { mounts.contains { $0.service != nil } }

  static func completed(_ mounts: [MountRecord]) -> UInt64 { UInt64(mounts.count { $0.outcome.isInService }) }

  /// Of all mounts that were tried; a service that was not mounted has none of its files.
  ///
  /// - Parameter filesEach: of every service; nil for as many as those that worked had.
  static func failedFiles(_ mounts: [MountRecord], filesEach: UInt64? = nil) -> UInt64 {
    let files = filesEach ?? mounts.compactMap { $0.service?.files }.max() ?? 0
    return mounts.reduce(0) { $0 + failedFiles($1, filesEach: files) }
  }

  /// The first mount that had a service with such a file.
  static func firstFailing(_ mounts: [MountRecord]) -> UInt64? {
    mounts.first { failedFiles($0, filesEach: 0) > 0 }.map { UInt64($0.number) }
  }

  private static func failedFiles(_ mount: MountRecord, filesEach: UInt64) -> UInt64 {
    mount.service.map { $0.files - min($0.files, $0.rightFiles) } ?? filesEach
  }
}
