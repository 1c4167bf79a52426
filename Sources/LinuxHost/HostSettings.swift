import Experiment
import HostJournal
import LinuxSystem
import SystemPackage

/// Kernel settings changed by the run: journaled, written, read back, and put back in the opposite order.
struct HostSettings {
  private struct Change {
    let key: String
    let previous: String
    let entry: Int
  }

  private var changes: [Change] = []

  /// Sets `key`, journal first. Returns what it was before and what the kernel made of the new value.
  mutating func set(
    _ key: String, _ value: String, journal: inout RunJournal, advice: String = ""
  ) throws(TestbedFailure) -> (before: String, after: String) {
    try attempting("change the kernel setting", advice: advice) { () throws(SystemError) in
      let before = try Sysctl.read(key)
      let entry = try journal.record(.sysctl(key: key, previous: before, new: value))
      changes.append(Change(key: key, previous: before, entry: entry))
      try Sysctl.write(key, value)
      let after = try Sysctl.read(key)
      if after != value {
        // What the kernel made of it (a short list filled up, hexadecimal written as decimal) must be known as ours, too.
        let entry = try journal.record(.sysctl(key: key, previous: before, new: after))
        changes.append(Change(key: key, previous: before, entry: entry))
      }
      return (before, after)
    }
  }

  /// How many changes there are; what is changed from here on can be put back alone.
  var mark: Int { changes.count }

  /// Puts back what was changed since `mark` (0 for everything), the last change first. What fails is named and stays in the journal.
  mutating func restore(since mark: Int = 0, journal: inout RunJournal) -> [String] {
    var leftovers: [String] = []
    while changes.count > mark, let change = changes.popLast() {
      do throws(SystemError) {
        try Sysctl.write(change.key, change.previous)
        try journal.undone(change.entry)
      } catch {
        leftovers.append("\(change.key) could not be set back to \(change.previous): \(error)")
      }
    }
    return leftovers
  }
}
