internal import LinuxSystem
internal import SystemPackage

/// The open file of a journal and the directory it is in: the one place that writes, reads and removes it.
struct JournalFile: ~Copyable {
  let directory: Descriptor
  let file: Descriptor
  let name: String
  let path: FilePath

  static func create(in stateDirectory: FilePath, header: JournalHeader) throws(JournalError) -> JournalFile {
    if let defect = header.defect {
      throw JournalError(kind: .malformed, action: "write the header of", subject: "a journal", advice: defect)
    }
    let directory = try StateDirectory.open(stateDirectory, creating: true)
    let name = "\(header.runID)\(JournalDirectory.suffix)"
    let path = stateDirectory.appending(name)
    let file = try explaining("create the journal", path.string, advice: "choose another directory with --state-dir") {
      () throws(Errno) in try directory.open(name, .readWrite, [.create, .exclusiveCreate, .append, .noFollow])
    }
    let journal = JournalFile(directory: directory, file: file, name: name, path: path)
    try journal.append(header.line, isFirst: true)
    try journal.synchronizeDirectory()
    return journal
  }

  /// The name must be that of a journal, the file ours alone. O_NONBLOCK, lest a FIFO in its place stop us for ever.
  static func open(_ path: FilePath, forWriting: Bool) throws(JournalError) -> JournalFile {
    guard let component = path.lastComponent, component.string.hasSuffix(JournalDirectory.suffix) else {
      throw JournalError(
        kind: .untrusted, action: "open the journal", subject: path.string,
        advice: "the name of a journal ends in \(JournalDirectory.suffix)")
    }
    let directory = try StateDirectory.open(path.removingLastComponent(), creating: false)
    let file = try explaining("open the journal", path.string, advice: "see what is in its place") {
      () throws(Errno) in
      try directory.open(
        component.string, forWriting ? .readWrite : .readOnly,
        forWriting ? [.append, .noFollow, .nonBlocking] : [.noFollow, .nonBlocking])
    }
    let status = try explaining("look at the journal", path.string, advice: "this should not happen") {
      () throws(Errno) in try file.status()
    }
    func refusal(_ reason: String) -> JournalError {
      JournalError(kind: .untrusted, action: "use the journal", subject: path.string, advice: reason)
    }
    if status.type != .regular { throw refusal("it is not a regular file") }
    if status.userID.rawValue != User.effectiveID { throw refusal("it belongs to user \(status.userID.rawValue)") }
    if status.permissions.rawValue & 0o022 != 0 { throw refusal("group or others may write to it") }
    if status.linkCount > 1 { throw refusal("it has a second name") }
    return JournalFile(directory: directory, file: file, name: component.string, path: path)
  }

  /// Durable when it returns. One write(2) with O_APPEND: lines of several processes do not mix.
  borrowing func append(_ line: JournalLine, isFirst: Bool = false) throws(JournalError) {
    let content = line.encoded()
    guard content.count <= JournalLine.byteLimit else {
      throw JournalError(
        kind: .tooLarge, action: "write to the journal", subject: path.string,
        advice: "a line of \(content.count) bytes; a path or value is too long")
    }
    let newline = UInt8(ascii: "\n")
    let bytes = (isFirst ? [] : [newline]) + content + [newline]
    let written = try explaining("write to the journal", path.string, advice: fullAdvice) { () throws(Errno) in
      let count = try file.writeOnce(bytes)
      try file.synchronize()
      return count
    }
    if written != bytes.count {
      throw JournalError(.noSpace, "write to the journal", path.string, advice: fullAdvice)
    }
  }

  private var fullAdvice: String { "the change was not made; choose a directory with free space with --state-dir" }

  borrowing func contents() throws(JournalError) -> JournalContents {
    let size = try explaining("look at the journal", path.string, advice: "this should not happen") {
      () throws(Errno) in Int(try file.status().size)
    }
    if size > JournalReader.byteLimit {
      var contents = JournalContents()
      contents.problems.append(JournalProblem(.tooLarge(bytes: size)))
      return contents
    }
    // The position does not matter to the writes: they append.
    let bytes = try explaining("read the journal", path.string, advice: "see dmesg for errors of its device") {
      () throws(Errno) in
      try file.rewind()
      return try file.readToEnd(limitBytes: JournalReader.byteLimit)
    }
    return JournalReader.read(bytes: bytes)
  }

  borrowing func size() throws(JournalError) -> Int {
    try explaining("look at the journal", path.string, advice: "this should not happen") { () throws(Errno) in
      Int(try file.status().size)
    }
  }

  /// Whether the file still has its name: the last step of a restore takes it away.
  borrowing func isLinked() throws(JournalError) -> Bool {
    try explaining("look at the journal", path.string, advice: "this should not happen") { () throws(Errno) in
      try file.status().linkCount > 0
    }
  }

  borrowing func remove() throws(JournalError) {
    try explaining("remove the journal", path.string, advice: "everything in it is undone; remove it by hand") {
      () throws(Errno) in try directory.removeFile(name)
    }
    try synchronizeDirectory()
  }

  /// A journal that is dealt with as far as it could be read, but held damaged lines, is kept as evidence under a name
  /// that is no journal's.
  borrowing func setAside() throws(JournalError) -> FilePath {
    let newName = name + JournalDirectory.damagedSuffix
    try explaining("rename the journal", path.string, advice: "rename it by hand") { () throws(Errno) in
      try directory.rename(name, to: newName)
    }
    try synchronizeDirectory()
    return path.removingLastComponent().appending(newName)
  }

  private borrowing func synchronizeDirectory() throws(JournalError) {
    try explaining("synchronise the directory of", path.string, advice: "see dmesg for errors of its device") {
      () throws(Errno) in try directory.synchronize()
    }
  }

  consuming func close() throws(JournalError) {
    let path = path.string
    do throws(Errno) {
      try file.close()
    } catch {
      throw JournalError(error, "close the journal", path, advice: "see dmesg for errors of its device")
    }
  }
}
