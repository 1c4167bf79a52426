/// Whose a present sysctl value is. Not always a matter of being equal: the kernel may make of a write what it can.
enum SysctlRule: Equatable {
  case exact
  /// vm.nr_hugepages and the like: the kernel gives as many pages as it can find
  /// (Documentation/admin-guide/mm/hugetlbpage.rst), so anything between the old and the new number is our doing.
  case partial
  /// fs.pipe-max-size is rounded up to a power of two of at least a page (round_pipe_size, fs/pipe.c).
  case roundedUpToPowerOfTwo

  init(key: String) {
    self =
      switch key {
      case "vm.nr_hugepages", "vm.nr_hugepages_mempolicy": .partial
      case "fs.pipe-max-size": .roundedUpToPowerOfTwo
      default: .exact
      }
  }

  enum Finding: Equatable {
    case asBefore
    case ours
    case foreign
  }

  func finding(present: String, previous: String, new: String) -> Finding {
    let present = normalized(present)
    let previous = normalized(previous)
    let new = normalized(new)
    if present == previous { return .asBefore }
    if present == new { return .ours }
    guard let presentNumber: UInt64 = decimal(present), let newNumber: UInt64 = decimal(new) else { return .foreign }
    switch self {
    case .exact:
      return presentNumber == newNumber ? .ours : .foreign
    case .partial:
      guard let previousNumber: UInt64 = decimal(previous) else { return .foreign }
      let range = min(previousNumber, newNumber)...max(previousNumber, newNumber)
      return range.contains(presentNumber) ? .ours : .foreign
    case .roundedUpToPowerOfTwo:
      let isPowerOfTwo = presentNumber.nonzeroBitCount == 1
      return isPowerOfTwo && presentNumber >= newNumber && presentNumber / 2 < max(newNumber, 4096) ? .ours : .foreign
    }
  }
}

/// Whether a setting is still as the run left it, by the same rule that `JournalRestorer` goes by.
public enum SysctlOwner {
  /// - Parameters:
  ///   - present: the value that the kernel tells now.
  ///   - previous: the value before the run changed it to `new`.
  /// - Returns: false when somebody else has set it meanwhile; true also when it is as before.
  public static func isRun(ofKey key: String, present: String, previous: String, new: String) -> Bool {
    SysctlRule(key: key).finding(present: present, previous: previous, new: new) != .foreign
  }
}

/// Without blanks at the ends and with single ones between: the kernel separates numbers by tabs, people by blanks.
func normalized(_ value: String) -> String {
  value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }).joined(separator: " ")
}
