internal import LinuxSystem
public import SystemPackage

/// The journals in a state directory: of the run that is going on, and of those that were killed.
public enum JournalDirectory {
  static let suffix = ".journal"
  static let damagedSuffix = ".damaged"

  /// Paths of the journals, sorted. A state directory that does not exist has none.
  public static func list(_ stateDirectory: FilePath) throws(JournalError) -> [FilePath] {
    try names(in: stateDirectory, suffix: suffix)
  }

  /// Journals that were dealt with as far as they could be read and then set aside.
  public static func listDamaged(_ stateDirectory: FilePath) throws(JournalError) -> [FilePath] {
    try names(in: stateDirectory, suffix: suffix + damagedSuffix)
  }

  /// The journals with what they say and whether their run still goes on. One that vanishes meanwhile is left out.
  public static func entries(_ stateDirectory: FilePath) throws(JournalError) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    for path in try list(stateDirectory) {
      do throws(JournalError) {
        let contents = try JournalReader.read(path: path)
        entries.append(JournalEntry(path: path, contents: contents, owner: ownerState(of: contents.header)))
      } catch  where error.errno == .noSuchFileOrDirectory {
        continue
      }
    }
    return entries
  }

  /// Whether the supervisor that a header names still runs, as seen from the calling process.
  public static func ownerState(of header: JournalHeader?) -> OwnerState {
    ownerState(of: header, host: LinuxHostOperations())
  }

  static func ownerState(of header: JournalHeader?, host: some HostOperations) -> OwnerState {
    guard let header, let bootID = try? host.bootID(), let pidNamespace = try? host.pidNamespace() else {
      return .unknown
    }
    if header.bootID != bootID { return .stale }
    if header.pidNamespace != pidNamespace { return .elsewhere }
    return host.isAlive(header.owner) ? .live(header.owner) : .stale
  }

  private static func names(in stateDirectory: FilePath, suffix: String) throws(JournalError) -> [FilePath] {
    guard let directory = try StateDirectory.openIfPresent(stateDirectory) else { return [] }
    let names = try explaining("list", stateDirectory.string, advice: "see dmesg for errors of its device") {
      () throws(Errno) in try directory.entryNames()
    }
    return names.map(readable).filter { $0.hasSuffix(suffix) && !$0.utf8.contains(UInt8(ascii: "\n")) }.sorted()
      .map { stateDirectory.appending($0) }
  }
}

/// Whether a journal's run still goes on.
public enum OwnerState: Equatable, Sendable {
  case live(ProcessIdentity)
  /// The supervisor is dead, or the machine was restarted since.
  case stale
  /// Of another pid namespace (a container): its process numbers mean nothing here. Only the `HostLock` tells.
  case elsewhere
  /// The journal does not say whose it is.
  case unknown
}

public struct JournalEntry: Equatable, Sendable {
  public var path: FilePath
  public var contents: JournalContents
  public var owner: OwnerState
}
