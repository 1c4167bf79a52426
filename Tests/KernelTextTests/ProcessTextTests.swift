import KernelText
import TestSupport
import Testing

@Suite struct ProcessTextTests {
  @Test func processorTime() throws {
    let times = try CPUTimes.parse(procStat: try Fixture.text("5.10", "stat"))
    #expect(times.user == 100 && times.nice == 2 && times.system == 30 && times.idle == 4000)
    #expect(times.iowait == 5 && times.irq == 6 && times.softirq == 7 && times.steal == 8)
    #expect(times.busyTicks == 100 + 2 + 30 + 6 + 7)
    #expect(
      try CPUTimes.parse(procStat: try Fixture.text("4.19", "stat")).busyTicks == 74_608 + 2520 + 24_433 + 4054 + 1032)
    #expect(try CPUTimes.parse(procStat: try Fixture.text("6.1", "stat")).softirq == 5)
    #expect(try CPUTimes.parse(procStat: try Fixture.text("6.18", "stat")).idle == 869680)
  }

  @Test func processorTimeOfOldKernels() throws {
    let times = try CPUTimes.parse(procStat: "cpu 1 2 3 4\n")
    #expect(times.idle == 4 && times.iowait == 0 && times.steal == 0)
    #expect(throws: KernelTextError.self) { try CPUTimes.parse(procStat: "cpu 1 2 3\n") }
    // One processor's line is not that of all.
    #expect(throws: KernelTextError.self) { try CPUTimes.parse(procStat: "cpu0 1 2 3 4\n") }
  }

  /// Fields 3 to 26 after the command, each its own number, so that one taken for another shows.
  private static let fields =
    "S 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126"

  @Test(arguments: [
    "bash", "", "a b", "(sd-pam)", "a) R 1 1 (b", "))", "((", "line\nbreak", ") S 1\n77 (x) R 2", "tab\there",
    "\u{301}x",
    "x\u{301}",
    "日本", "\u{fffd}", "kworker/u8:3-events_unbound",
  ])
  func commandsOfEveryKind(command: String) throws {
    let stat = try TaskStat.parse("4242 (\(command)) \(Self.fields)\n")
    #expect(stat.pid == 4242 && stat.command == command && stat.state == "S" && stat.parent == 104)
    #expect(stat.userTicks == 114 && stat.systemTicks == 115 && stat.startTicks == 122 && stat.rssPages == 124)
  }

  @Test func aTaskWithoutMemoryAndCounters() throws {
    // Kernel threads: parent 2, no memory. The pages are signed: per-processor counters may be read below zero.
    let stat = try TaskStat.parse(
      "2 (kthreadd) I 0 0 0 0 -1 2129984 0 0 0 0 0 12 0 0 20 0 1 0 3 0 -5 18446744073709551615\n")
    #expect(
      stat.parent == 0 && stat.state == "I" && stat.systemTicks == 12 && stat.startTicks == 3 && stat.rssPages == -5)
  }

  @Test(arguments: [
    "", "1", "1 bash S 1", "1 (bash", "1 bash)", ") (", "x (bash) \(fields)", "1 (bash) SS\(fields.dropFirst())",
    "1 (bash) S 1 2 3", "-1 (bash) \(fields)", "1 (bash) " + fields.replacing("122", with: "18446744073709551616"),
    "1 (bash) " + fields.replacing("114", with: "-1"),
    "1 (bash) " + fields.replacing("124", with: "9223372036854775808"),
    " (bash) \(fields)",
  ])
  func tasksThatAreRefused(text: String) {
    #expect(throws: KernelTextError.self) { try TaskStat.parse(text) }
  }

  @Test func taskCutAnywhere() {
    let bytes = Array("4242 (a) (b\n) \(Self.fields)".utf8)
    for end in bytes.indices {
      let text = String(decoding: bytes[..<end], as: UTF8.self)
      // The last of the fields that are read is the 24th, 124.
      let isWhole = ["1", "12", "124"].contains { text.hasSuffix(" 123 \($0)") } || text.contains(" 124 ")
      #expect(((try? TaskStat.parse(text)) != nil) == isWhole, "\(text.debugDescription)")
    }
  }

  @Test func taskOfRandomBytes() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let likely = Array("0123456789 ()\nS-\r".utf8)
      let bytes = (0..<80).map { _ in
        Bool.random(using: &generator)
          ? likely.randomElement(using: &generator)! : UInt8.random(in: 0...255, using: &generator)
      }
      do { _ = try TaskStat.parse(String(decoding: bytes, as: UTF8.self)) } catch {
        #expect(error.source == "/proc/PID/stat")
      }
    }
  }

  @Test func capabilities() throws {
    let all = try KernelCapabilities.parse(procStatus: try Fixture.text("4.19", "status"))
    #expect(all.effective == 0x3f_ffff_ffff && all.has("CAP_AUDIT_READ") && !all.has("CAP_PERFMON"))
    // What Docker leaves a container, as in its documentation.
    let container = try KernelCapabilities.parse(procStatus: try Fixture.text("6.1", "status"))
    let held = KernelCapabilities.names.filter { container.has($0) }
    #expect(
      held == [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP",
      ])
    // Recorded from root without CAP_SYS_RESOURCE, bit 24.
    let recorded = try KernelCapabilities.parse(procStatus: try Fixture.text("6.18", "status"))
    #expect(KernelCapabilities.names.filter { !recorded.has($0) } == ["CAP_SYS_RESOURCE"])
  }

  /// The numbers of linux/capability.h; one name left out would shift all behind it.
  @Test(arguments: [
    ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_KILL", 5), ("CAP_SETPCAP", 8), ("CAP_NET_ADMIN", 12),
    ("CAP_IPC_LOCK", 14),
    ("CAP_SYS_CHROOT", 18), ("CAP_SYS_ADMIN", 21), ("CAP_SYS_RESOURCE", 24), ("CAP_MKNOD", 27), ("CAP_SETFCAP", 31),
    ("CAP_SYSLOG", 34), ("CAP_AUDIT_READ", 37), ("CAP_CHECKPOINT_RESTORE", 40),
  ])
  func aNameIsItsBit(name: String, bit: Int) throws {
    let mask = String(UInt64(1) << UInt64(bit), radix: 16)
    let capabilities = try KernelCapabilities.parse(procStatus: "Name:\tx\nCapEff:\t\(mask)\n")
    #expect(KernelCapabilities.names.filter { capabilities.has($0) } == [name])
    #expect((0..<64).filter { capabilities.has($0) } == [bit])
  }

  @Test func bitsThatAreNone() throws {
    let all = try KernelCapabilities.parse(procStatus: "CapEff: ffffffffffffffff\n")
    #expect(all.has(63) && !all.has(64) && !all.has(-1) && !all.has("CAP_UNHEARD_OF") && !all.has("cap_chown"))
    #expect(KernelCapabilities.names.count == 41 && Set(KernelCapabilities.names).count == 41)
  }

  @Test(arguments: [
    "CapEff:\n", "CapEff: 1ffffffffffffffff\n", "CapEff: xyz\n", "CapEff: 1 2\n", "CapEff: +1\n", "CapEff: -0\n",
    "CapPrm: 1\n",
  ])
  func capabilitiesThatAreRefused(text: String) {
    #expect(throws: KernelTextError.self) { try KernelCapabilities.parse(procStatus: text) }
  }
}

@Suite struct ProcessMemoryTests {
  @Test func memoryAsRecorded() throws {
    let memory = try ProcessMemory.parse(procStatus: Fixture.text("6.18", "status"))
    #expect(memory.residentBytes == 1760 << 10 && memory.fileBytes == 1648 << 10)
  }

  @Test(arguments: ["", "VmRSS:\t 12 kB\n", "VmRSS:\t 12 MB\nRssFile:\t 1 kB\n", "VmRSS:\t x kB\nRssFile:\t 1 kB\n"])
  func notMemory(text: String) {
    #expect(throws: KernelTextError.self) { try ProcessMemory.parse(procStatus: text) }
  }
}
