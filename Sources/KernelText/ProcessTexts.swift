/// The first line of /proc/stat: the time of all processors, in ticks of sysconf(_SC_CLK_TCK).
public struct CPUTimes: Equatable, Sendable {
  public let user: UInt64
  public let nice: UInt64
  public let system: UInt64
  public let idle: UInt64
  public let iowait: UInt64
  public let irq: UInt64
  public let softirq: UInt64
  public let steal: UInt64

  /// Everything but idle, waiting for I/O, and what the hypervisor gave to others.
  public var busyTicks: UInt64 { user &+ nice &+ system &+ irq &+ softirq }

  public static func parse(procStat text: String) throws(KernelTextError) -> CPUTimes {
    guard let line = Fields.lines(String(text.prefix(1024)), of: "/proc/stat").first(where: { $0.words[0] == "cpu" })
    else {
      throw KernelTextError("/proc/stat", line: 0, content: text, expected: "a line 'cpu'")
    }
    func ticks(_ index: Int, isOptional: Bool) throws(KernelTextError) -> UInt64 {
      if isOptional && index >= line.words.count { return 0 }
      return try line.unsigned(index, "a number of ticks")
    }
    return CPUTimes(
      user: try ticks(1, isOptional: false), nice: try ticks(2, isOptional: false),
      system: try ticks(3, isOptional: false),
      idle: try ticks(4, isOptional: false), iowait: try ticks(5, isOptional: true),
      irq: try ticks(6, isOptional: true),
      softirq: try ticks(7, isOptional: true), steal: try ticks(8, isOptional: true))
  }
}

/// /proc/PID/stat (proc(5)).
public struct TaskStat: Equatable, Sendable {
  public let pid: Int
  /// May hold anything, spaces, parentheses and newlines included.
  public let command: String
  public let state: Character
  public let parent: Int
  public let userTicks: UInt64
  public let systemTicks: UInt64
  /// Since boot: with the number it names a process for good.
  public let startTicks: UInt64
  public let rssPages: Int64

  public static func parse(_ text: String) throws(KernelTextError) -> TaskStat {
    func wrong(_ expected: String) -> KernelTextError {
      KernelTextError("/proc/PID/stat", line: 0, content: text, expected: expected)
    }
    // Looked for as bytes: a command that begins with a combining mark makes one character with the parenthesis.
    guard let open = text.utf8.firstIndex(of: 40), let close = text.utf8.lastIndex(of: 41), open < close,
      text[..<open].utf8.last == 32, let pid = Fields.integer(Substring(text[..<open].utf8.dropLast()))
    else { throw wrong("'PID (COMMAND) STATE …'") }
    let rest = text[text.utf8.index(after: close)...].split(whereSeparator: \.isWhitespace)
    // Fields are counted from 3 here: state is the first after the command.
    guard rest.count >= 22, rest[0].count == 1, let state = rest[0].first, let parent = Fields.integer(rest[1]),
      let user = Fields.decimal(rest[11]), let system = Fields.decimal(rest[12]), let start = Fields.decimal(rest[19]),
      let rss = Int64(rest[21])
    else { throw wrong("at least 24 fields") }
    return TaskStat(
      pid: pid, command: String(text[text.utf8.index(after: open)..<close]), state: state, parent: parent,
      userTicks: user,
      systemTicks: system, startTicks: start, rssPages: rss)
  }
}

/// The capabilities of a process, from /proc/PID/status (capabilities(7)).
public struct KernelCapabilities: Equatable, Sendable {
  public let effective: UInt64

  public func has(_ bit: Int) -> Bool { (0..<64).contains(bit) && effective >> UInt64(bit) & 1 == 1 }

  public func has(_ name: String) -> Bool { Self.names.firstIndex(of: name).map(has) ?? false }

  public static func parse(procStatus text: String) throws(KernelTextError) -> KernelCapabilities {
    for line in Fields.lines(text, of: "/proc/PID/status") where line.words[0] == "CapEff:" {
      guard line.words.count == 2, line.words[1].utf8.count <= 16, line.words[1].allSatisfy(\.isHexDigit),
        let mask = UInt64(line.words[1], radix: 16)
      else {
        throw line.error("'CapEff: ' and 16 hexadecimal digits")
      }
      return KernelCapabilities(effective: mask)
    }
    throw KernelTextError("/proc/PID/status", line: 0, content: text, expected: "a line 'CapEff:'")
  }

  /// The index is the bit (linux/capability.h).
  public static let names = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
    "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
  ]
}

/// Memory of a process, from /proc/PID/status (fs/proc/task_mmu.c, `task_mem`).
public struct ProcessMemory: Equatable, Sendable {
  /// VmRSS: its pages that are in memory, shared ones included.
  public let residentBytes: UInt64
  /// RssFile: of them those of files.
  public let fileBytes: UInt64

  public static func parse(procStatus text: String) throws(KernelTextError) -> ProcessMemory {
    var (resident, file): (UInt64?, UInt64?)
    for line in Fields.lines(text, of: "/proc/PID/status")
    where line.words[0] == "VmRSS:" || line.words[0] == "RssFile:" {
      guard line.words.count == 3, line.words[2] == "kB", let kilobytes = Fields.decimal(line.words[1]),
        kilobytes <= UInt64.max >> 10
      else { throw line.error("'\(line.words[0]) NUMBER kB'") }
      if line.words[0] == "VmRSS:" { resident = kilobytes << 10 } else { file = kilobytes << 10 }
    }
    // A kernel thread has neither; RssFile is shown since 4.5.
    guard let resident, let file else {
      throw KernelTextError("/proc/PID/status", line: 0, content: text, expected: "lines 'VmRSS:' and 'RssFile:'")
    }
    return ProcessMemory(residentBytes: resident, fileBytes: file)
  }
}
