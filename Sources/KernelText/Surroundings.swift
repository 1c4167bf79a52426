/// /proc/swaps.
public struct Swaps: Equatable, Sendable {
  public struct Entry: Equatable, Sendable {
    public let fileName: String
    public let sizeKilobytes: UInt64
    public let usedKilobytes: UInt64
  }

  public let entries: [Entry]

  public static func parse(_ text: String) throws(KernelTextError) -> Swaps {
    var entries: [Entry] = []
    for line in Fields.lines(text, of: "/proc/swaps").dropFirst() {
      let expected = "name, type, size, used and priority"
      guard line.words.count >= 5 else { throw line.error(expected) }
      entries.append(
        Entry(
          fileName: MountInfo.unescaped(line.words[0]), sizeKilobytes: try line.unsigned(2, expected),
          usedKilobytes: try line.unsigned(3, expected)))
    }
    return Swaps(entries: entries)
  }
}

/// /proc/self/cgroup (cgroups(7)): version 1 has a line for each hierarchy, version 2 has "0::PATH".
public struct ControlGroups: Equatable, Sendable {
  public struct Entry: Equatable, Sendable {
    public let hierarchy: Int
    /// Empty for version 2.
    public let controllers: [String]
    public let path: String
  }

  public let entries: [Entry]

  public static func parse(_ text: String) throws(KernelTextError) -> ControlGroups {
    var entries: [Entry] = []
    for line in Fields.lines(text, of: "/proc/self/cgroup") {
      let parts = line.text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let hierarchy = Fields.integer(parts[0]) else {
        throw line.error("HIERARCHY:CONTROLLERS:PATH")
      }
      entries.append(
        Entry(
          hierarchy: hierarchy, controllers: parts[1].split(separator: ",").map(String.init), path: String(parts[2])))
    }
    return ControlGroups(entries: entries)
  }
}

/// /proc/filesystems: what the kernel can mount without loading a module.
public struct FileSystems: Equatable, Sendable {
  public let names: Set<String>

  public static func parse(_ text: String) throws(KernelTextError) -> FileSystems {
    var names: Set<String> = []
    for line in Fields.lines(text, of: "/proc/filesystems") {
      guard let name = line.words.last, line.words.count == 1 || line.words.count == 2 && line.words[0] == "nodev"
      else {
        throw line.error("a name, 'nodev' before it or not")
      }
      names.insert(String(name))
    }
    return FileSystems(names: names)
  }
}

/// One record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;MESSAGE".
public struct KernelLog: Equatable, Sendable {
  public let priority: UInt64
  public let sequence: UInt64
  /// Since boot.
  public let microseconds: UInt64
  public let message: String

  public static func parse(record: String) throws(KernelTextError) -> KernelLog {
    let line = Fields("/dev/kmsg", number: 1, text: record.split(separator: "\n", maxSplits: 1).first ?? "")
    let expected = "'PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;MESSAGE'"
    guard let semicolon = line.text.firstIndex(of: ";") else { throw line.error(expected) }
    let head = line.text[..<semicolon].split(separator: ",", omittingEmptySubsequences: false)
    guard head.count >= 3 else { throw line.error(expected) }
    return KernelLog(
      priority: try line.number(head[0], expected), sequence: try line.number(head[1], expected),
      microseconds: try line.number(head[2], expected), message: String(line.text[line.text.index(after: semicolon)...])
    )
  }
}
