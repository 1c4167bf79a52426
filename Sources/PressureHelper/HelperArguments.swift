/// The helper's command line: `--control-fd N --life-fd N [--lock-fd N] [--journal PATH]`.
struct HelperArguments: Equatable {
  /// A SOCK_STREAM socket to the child: requests in, replies out.
  var controlDescriptor: Int32
  /// The lifeline: its end of file says that the supervisor is dead, and a word on it that it is there and restores the host itself.
  var lifeDescriptor: Int32
  /// The host lock, which must last for as long as any process of the run lives: kept open, and not used.
  var lockDescriptor: Int32?
  /// The journal to restore the host from when both are dead.
  var journalPath: String?

  struct UsageError: Error, Equatable, CustomStringConvertible {
    var description: String
  }

  static let usage = "usage: failover-bench-pressure --control-fd N --life-fd N [--lock-fd N] [--journal PATH]"

  /// Reads the words behind the program's name.
  init(_ words: [String]) throws(UsageError) {
    var control: Int32?
    var life: Int32?
    var lock: Int32?
    var journal: String?
    var rest = words[...]
    while let option = rest.popFirst() {
      guard ["--control-fd", "--life-fd", "--lock-fd", "--journal"].contains(option) else {
        throw UsageError(description: "unknown argument \"\(option)\"; \(Self.usage)")
      }
      guard let value = rest.popFirst() else { throw UsageError(description: "\(option) needs a value; \(Self.usage)") }
      switch option {
      case "--control-fd": control = try Self.descriptor(value, option)
      case "--life-fd": life = try Self.descriptor(value, option)
      case "--lock-fd": lock = try Self.descriptor(value, option)
      default: journal = value
      }
    }
    guard let control, let life, control != life, lock != control, lock != life else {
      throw UsageError(
        description: "this program is started by failover-bench, with two descriptors of its own; \(Self.usage)")
    }
    if let journal, journal.isEmpty { throw UsageError(description: "--journal needs a path; \(Self.usage)") }
    controlDescriptor = control
    lifeDescriptor = life
    lockDescriptor = lock
    journalPath = journal
  }

  /// All that are handed over.
  var descriptors: [Int32] { [controlDescriptor, lifeDescriptor] + (lockDescriptor.map { [$0] } ?? []) }

  private static func descriptor(_ value: String, _ option: String) throws(UsageError) -> Int32 {
    guard let number = Int32(value), (3...1023).contains(number) else {
      throw UsageError(description: "\(option)=\(value): expected a descriptor from 3 to 1023; \(usage)")
    }
    return number
  }
}
