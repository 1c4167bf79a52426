import Experiment
import HostJournal
import LinuxSystem
import SystemPackage

/// Kernel settings changed by the run: journaled, written, read back. What holds for a part of the run only is put back at its end, in the
/// opposite order; the rest is the restorer's.
struct HostSettings {
  private struct Change {
    let key: String
    let previous: String
    let new: String
    let entry: Int
  }

  private var changes: [Change] = []

  /// Sets `key`, journal first. Returns what it was before and what the kernel made of the new value.
  ///
  /// - Parameter again: the run has set it already, and what it was before the run stays what it was.
  mutating func set(
    _ key: String, _ value: String, again: Bool = false, journal: inout RunJournal, advice: String = ""
  ) throws(TestbedFailure) -> (before: String, after: String) {
    try attempting("change the kernel setting", advice: advice) { () throws(SystemError) in
      let present = try Sysctl.read(key)
      let before = again ? changes.first { $0.key == key }?.previous ?? present : present
      try record(key, before, value, &journal)
      try Sysctl.write(key, value)
      let after = try Sysctl.read(key)
      // What the kernel made of it (a short list filled up, hexadecimal written as decimal) must be known as ours, too.
      if after != value { try record(key, before, after, &journal) }
      return (before, after)
    }
  }

  private mutating func record(_ key: String, _ previous: String, _ new: String, _ journal: inout RunJournal)
    throws(SystemError)
  {
    let entry = try journal.record(.sysctl(key: key, previous: previous, new: new))
    changes.append(Change(key: key, previous: previous, new: new, entry: entry))
  }

  /// How many changes there are; what is changed from here on can be put back alone.
  var mark: Int { changes.count }

  /// Puts back what was changed since `mark`; see `restore(where:journal:)`.
  mutating func restore(since mark: Int, journal: inout RunJournal) -> [String] {
    restore(where: { index, _ in index >= mark }, journal: &journal)
  }

  /// Puts back all changes of `key`; see `restore(where:journal:)`.
  mutating func restore(key: String, journal: inout RunJournal) -> [String] {
    restore(where: { $1 == key }, journal: &journal)
  }

  /// Puts back the changes that are chosen by their place and key, the last change first. What fails is named and stays in the journal.
  ///
  /// What somebody else has set meanwhile is theirs: it is left alone and stays in the journal, and the supervisor, which reads
  /// that last, says so to the user.
  private mutating func restore(
    where isChosen: (Int, String) -> Bool, journal: inout RunJournal
  ) -> [String] {
    var leftovers: [String] = []
    var foreign: Set<String> = []
    for index in changes.indices.reversed() where isChosen(index, changes[index].key) {
      let change = changes.remove(at: index)
      do throws(SystemError) {
        let present = try Sysctl.read(change.key)
        if !SysctlOwner.isRun(ofKey: change.key, present: present, previous: change.previous, new: change.new) {
          foreign.insert(change.key)
        }
        // The older changes of the key stay in the journal with the last: they are put back together or not at all.
        if foreign.contains(change.key) { continue }
        try Sysctl.write(change.key, change.previous)
        // A write may be taken and have no full effect (huge pages in use stay). Then it stays in the journal, and is tried again from there.
        guard try Sysctl.read(change.key) == change.previous else {
          leftovers.append("\(change.key) is \(try Sysctl.read(change.key)), though \(change.previous) was written")
          continue
        }
        try journal.undone(change.entry)
      } catch {
        leftovers.append("\(change.key) could not be set back to \(change.previous): \(error)")
      }
    }
    return leftovers
  }
}
