/// The state of the host that a run must leave as it found it.
public struct HostSnapshot: Equatable, Sendable {
  /// By key; a key that the kernel does not have is absent.
  public var sysctls: [String: String] = [:]
  /// HugePages_Total of /proc/meminfo, in pages.
  public var hugePages: UInt64?
  /// /sys/block/loop*/loop/backing_file.
  public var loopBindings: [Int: String] = [:]
  /// /sys/block/loop*.
  public var loopNodes: Set<Int> = []
  /// Lines of the caller's /proc/self/mountinfo.
  public var mounts: [String] = []
  /// Instances of the kernel's tracing; nil where it cannot be looked at.
  public var traceInstances: Set<String>?
  /// State and zone of each block of memory; empty where the kernel has no blocks.
  public var memoryBlocks: [Int: String] = [:]
  /// Names in each of the directories asked for; one that does not exist is absent.
  public var directories: [String: Set<String>] = [:]
  /// Command names of the processes asked for.
  public var processes: [ProcessIdentity: String] = [:]

  public init() {}

  /// What is not as it was `before`, a line each; empty when all is.
  public func difference(from before: HostSnapshot) -> [String] {
    var lines: [String] = []
    lines += changes(in: "sysctl", before.sysctls, sysctls)
    if hugePages != before.hugePages {
      lines.append("HugePages_Total: \(word(before.hugePages)) before, \(word(hugePages)) now")
    }
    lines += changes(
      in: "bound to", before.loopBindings.asText(prefix: "loop"), loopBindings.asText(prefix: "loop"))
    lines += members(of: "loop node", before.loopNodes.map { "loop\($0)" }, loopNodes.map { "loop\($0)" })
    lines += members(of: "mount", before.mounts, mounts)
    if let old = before.traceInstances, let new = traceInstances {
      lines += members(of: "trace instance", Array(old), Array(new))
    }
    lines += changes(
      in: "memory block", before.memoryBlocks.asText(prefix: ""), memoryBlocks.asText(prefix: ""))
    for path in Set(before.directories.keys).union(directories.keys).sorted() {
      switch (before.directories[path], directories[path]) {
      case (let old?, let new?): lines += members(of: "in \(printable(path))", Array(old), Array(new))
      case (nil, _?): lines.append("directory \(printable(path)): not there before")
      default: lines.append("directory \(printable(path)): gone")
      }
    }
    lines += members(of: "process", before.processLines, processLines)
    return lines
  }

  private var processLines: [String] { processes.map { "\($0.key.pid) \($0.value)" } }
}

private func word(_ value: UInt64?) -> String { value.map(String.init) ?? "unknown" }

private func changes(in what: String, _ before: [String: String], _ now: [String: String]) -> [String] {
  Set(before.keys).union(now.keys).sorted().compactMap { key in
    guard before[key] != now[key] else { return nil }
    let old = before[key].map { printable($0) } ?? "nothing"
    let new = now[key].map { printable($0) } ?? "nothing"
    return "\(what) \(printable(key)): \(old) before, \(new) now"
  }
}

/// Compared as multisets: two mounts may read the same.
private func members(of what: String, _ before: [String], _ now: [String]) -> [String] {
  var counts: [String: Int] = [:]
  for item in now { counts[item, default: 0] += 1 }
  for item in before { counts[item, default: 0] -= 1 }
  return counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { item, count in
    "\(what) \(printable(item)): \(count > 0 ? "not there before" : "gone")"
  }
}

extension [Int: String] {
  fileprivate func asText(prefix: String) -> [String: String] {
    [String: String](uniqueKeysWithValues: map { ("\(prefix)\($0.key)", $0.value) })
  }
}
