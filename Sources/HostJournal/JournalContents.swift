/// A journal as it was read.
public struct JournalContents: Equatable, Sendable {
  /// nil when the first line is missing or damaged.
  public var header: JournalHeader?
  /// In the order in which they were written, dealt with or not.
  public var changes: [JournalledChange] = []
  public var notes: [String] = []
  public var problems: [JournalProblem] = []

  public init() {}

  /// What is still to be put back, in the order in which it was done.
  public var pending: [JournalledChange] { changes.filter { $0.state == .pending } }

  /// Whether something that was written is lost: then there may be more to put back than can be seen here.
  public var isDamaged: Bool { problems.contains { !$0.isHarmless } }
}

public struct JournalledChange: Equatable, Sendable {
  public enum State: Equatable, Sendable {
    case pending
    /// Put back, or found to be somebody else's by now.
    case undone
    /// Given to the user (`--keep`).
    case released
  }

  public var id: Int
  public var change: HostChange
  public var state = State.pending
}

public struct JournalProblem: Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The end of the file is half a line. A line is durable before its change is made: this change never was.
    case tornLastLine
    /// A line whose checksum is wrong.
    case damagedLine
    /// A line with a right checksum that cannot be used.
    case unusableLine(String)
    /// Something was put back of which nobody says that it was done: its line was damaged, so no harm is left of that.
    case unknownChange(id: Int)
    case noHeader
    /// Created, and killed before the header was written, which is one write: nothing was changed yet.
    case empty
    /// Nothing of it is used: the tool of that version must clean up.
    case unsupportedVersion(Int)
    /// Nothing of it is used.
    case tooLarge(bytes: Int)
    /// More problems than are worth listing.
    case furtherProblems
  }

  public var kind: Kind
  /// From 1; 0 when it is about the whole file.
  public var line: Int

  public init(_ kind: Kind, line: Int = 0) {
    self.kind = kind
    self.line = line
  }

  public var isHarmless: Bool {
    switch kind {
    case .tornLastLine, .unknownChange, .empty: true
    default: false
    }
  }

  public var description: String {
    let place = line > 0 ? "line \(line): " : ""
    return place + words
  }

  private var words: String {
    switch kind {
    case .tornLastLine: "cut short; the change it was for was never made"
    case .damagedLine: "damaged, ignored; what it recorded is not put back"
    case .unusableLine(let reason): "ignored: \(reason)"
    case .unknownChange(let id): "change \(id) was put back, but its own line is not there"
    case .noHeader: "the first line is missing or damaged: not known whose run this was"
    case .empty: "empty: its run was killed before it changed anything"
    case .unsupportedVersion(let version):
      "written in version \(version) of the format; run `cleanup` of the failover-bench that wrote it"
    case .tooLarge(let bytes): "\(bytes) bytes are more than a journal can have (\(JournalReader.byteLimit))"
    case .furtherProblems: "further problems are not listed"
    }
  }
}
