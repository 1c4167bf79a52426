public import SystemPackage

/// Reads what is safe to read of any bytes: it never traps, and memory is bounded by the size limit.
public enum JournalReader {
  /// A run records some hundreds of changes of about 100 bytes; more than this is not a journal.
  public static let byteLimit = 16 << 20
  static let problemLimit = 100

  /// Reads the journal at `path` after the same checks of directory, owner, type and mode that a restore makes.
  public static func read(path: FilePath) throws(JournalError) -> JournalContents {
    try JournalFile.open(path, forWriting: false).contents()
  }

  public static func read(bytes: [UInt8]) -> JournalContents {
    guard bytes.count <= byteLimit else {
      var contents = JournalContents()
      contents.problems.append(JournalProblem(.tooLarge(bytes: bytes.count)))
      return contents
    }
    var pass = Pass()
    if bytes.isEmpty {
      pass.report(.empty, 0)
      return pass.contents
    }
    var rest = bytes[...]
    var number = 0
    var isFirst = true
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? []
      // Each line but the first is written with a line feed before and after it: whatever half of a line lies before
      // it, left by a full disk or a kill, cannot swallow it.
      if line.isEmpty { continue }
      pass.take(line, number: number, isFirst: isFirst, isTerminated: end != nil)
      isFirst = false
      if pass.stopped { break }
    }
    if isFirst { pass.report(.noHeader, 0) }
    return pass.contents
  }
}

/// One reading.
private struct Pass {
  var contents = JournalContents()
  /// Where in `contents.changes` an id is.
  var positions: [Int: Int] = [:]
  var stopped = false

  mutating func report(_ kind: JournalProblem.Kind, _ line: Int) {
    if contents.problems.count < JournalReader.problemLimit {
      contents.problems.append(JournalProblem(kind, line: line))
    } else if contents.problems.count == JournalReader.problemLimit {
      contents.problems.append(JournalProblem(.furtherProblems))
    }
  }

  mutating func take(_ bytes: ArraySlice<UInt8>, number: Int, isFirst: Bool, isTerminated: Bool) {
    do throws(JournalLine.Damage) {
      let line = try JournalLine(decoding: bytes)
      if isFirst, line.verb != JournalHeader.verb { report(.noHeader, number) }
      try take(line, number: number, isFirst: isFirst)
    } catch {
      if isFirst { report(.noHeader, number) }
      switch error {
      case .checksum: report(isTerminated ? .damagedLine : .tornLastLine, number)
      case .content(let reason): report(.unusableLine(reason), number)
      }
    }
  }

  mutating func take(_ line: JournalLine, number: Int, isFirst: Bool) throws(JournalLine.Damage) {
    switch line.verb {
    case JournalHeader.verb:
      guard isFirst else { throw .content("a second header") }
      let version: Int = try line.number("version")
      guard version == JournalHeader.currentVersion else {
        report(.unsupportedVersion(version), number)
        stopped = true
        return
      }
      contents.header = try JournalHeader(line)
    case JournalVerb.change:
      let id: Int = try line.number("id")
      let change = try HostChange(line)
      if let position = positions[id] {
        // The very same line again says nothing new.
        if contents.changes[position].change != change {
          throw .content("change \(id) appears twice, with different contents")
        }
        return
      }
      positions[id] = contents.changes.count
      contents.changes.append(JournalledChange(id: id, change: change))
    case JournalVerb.undone:
      settle(try line.number("id"), as: .undone, number)
    case JournalVerb.released:
      settle(try line.number("id"), as: .released, number)
    case JournalVerb.note:
      contents.notes.append(try line.text("text"))
    default:
      throw .content("unknown verb \(line.verb), perhaps of a newer version")
    }
  }

  mutating func settle(_ id: Int, as state: JournalledChange.State, _ number: Int) {
    guard let position = positions[id] else { return report(.unknownChange(id: id), number) }
    // The first word counts: what was given to the user stays theirs.
    if contents.changes[position].state == .pending { contents.changes[position].state = state }
  }
}

enum JournalVerb {
  static let change = "change"
  static let undone = "undone"
  static let released = "released"
  static let note = "note"
}
