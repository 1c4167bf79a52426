internal import LinuxSystem
public import SystemPackage

/// The record of what a run changes on the host, for whoever survives. Every change is written and made durable before
/// it is made; several processes append to one file, each through a `Journal` of its own.
///
/// A change that then fails, or turns out not to be this run's (LOOP_CTL_ADD answering EEXIST), must be marked undone.
public struct Journal: ~Copyable {
  private let storage: JournalFile
  private var nextID: Int
  private var idsLeft: Int

  /// The file's path.
  public var path: FilePath { storage.path }

  private init(_ storage: consuming JournalFile) {
    self.storage = storage
    // Unique over all processes, also in different pid namespaces: 42 random bits, then a counter of 20.
    nextID = Int.random(in: 1..<(1 << 42)) << 20
    idsLeft = 1 << 20
  }

  /// Makes the state directory (0700) if need be and a journal in it (0600), both durable when it returns. The
  /// directory is refused when it is a symbolic link, belongs to somebody else, or can be written by group or others.
  public static func create(in stateDirectory: FilePath, header: JournalHeader) throws(JournalError) -> Journal {
    Journal(try JournalFile.create(in: stateDirectory, header: header))
  }

  /// A journal that another process of the run created.
  public static func open(_ path: FilePath) throws(JournalError) -> Journal {
    Journal(try JournalFile.open(path, forWriting: true))
  }

  /// Durable when it returns; make the change then. Throws `restoreUnderWay` or `alreadyRestored` when somebody puts
  /// the host back or has done so: the change would be nobody's, do not make it.
  public mutating func record(_ change: HostChange) throws(JournalError) -> Int {
    if let defect = change.defect {
      throw JournalError(kind: .malformed, action: "journal", subject: change.description, advice: defect)
    }
    // Below the reader's limit, with room for what is still to be marked undone.
    guard idsLeft > 0, try storage.size() < JournalReader.byteLimit / 2 else {
      throw JournalError(
        kind: .tooLarge, action: "write to", subject: path.string, advice: "too many changes in one run")
    }
    let id = nextID
    try withRestoreExcluded { (storage) throws(JournalError) in
      try storage.append(
        JournalLine(JournalVerb.change, [.init(name: "id", value: String(id))] + change.fields))
    }
    nextID += 1
    idsLeft -= 1
    return id
  }

  /// Says that a change was put back, after it was.
  public mutating func undone(_ id: Int) throws(JournalError) {
    try storage.append(JournalLine(JournalVerb.undone, [.init(name: "id", value: String(id))]))
  }

  /// Gives a directory (or anything else) to the user: it is no longer put back by anybody.
  public mutating func release(_ id: Int) throws(JournalError) {
    try storage.append(JournalLine(JournalVerb.released, [.init(name: "id", value: String(id))]))
  }

  /// Free text for whoever reads the file; cut at 1,000 characters.
  public mutating func note(_ text: String) throws(JournalError) {
    try storage.append(JournalLine(JournalVerb.note, [.init(name: "text", value: String(text.prefix(1000)))]))
  }

  /// What the file holds now, of all processes.
  public func contents() throws(JournalError) -> JournalContents {
    try storage.contents()
  }

  public consuming func close() throws(JournalError) {
    try storage.close()
  }

  /// Removes the file, when everything in it is undone or released; throws `pendingChanges` and keeps it otherwise.
  public consuming func finish() throws(JournalError) {
    guard try storage.isLinked() else { return try storage.close() }
    let pending = try storage.contents().pending.count
    guard pending == 0 else {
      throw JournalError(
        kind: .pendingChanges(pending), action: "remove the journal", subject: path.string,
        advice: "\(pending) changes of the host are not undone; run `failover-bench cleanup`")
    }
    try withRestoreExcluded { (storage) throws(JournalError) in try storage.remove() }
    try storage.close()
  }

  /// A restore holds the file's lock exclusively from its first look to the removal of the file, so a change is either
  /// seen by it or not made.
  private borrowing func withRestoreExcluded(
    _ body: (borrowing JournalFile) throws(JournalError) -> Void
  ) throws(JournalError) {
    let path = path.string
    let isLocked = try explaining("lock the journal", path, advice: "see flock(2)") { () throws(Errno) in
      try storage.file.tryLock(exclusively: false)
    }
    guard isLocked else {
      throw JournalError(
        kind: .restoreUnderWay, action: "write to", subject: path,
        advice: "another process is putting the host back: make no further changes")
    }
    defer { try? storage.file.unlock() }
    guard try storage.isLinked() else {
      throw JournalError(
        kind: .alreadyRestored, action: "write to", subject: path,
        advice: "the journal is gone, the host was put back: make no further changes")
    }
    try body(storage)
  }
}
