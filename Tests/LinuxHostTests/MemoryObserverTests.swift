import CLinux
import Experiment
import KernelText
import LinuxSystem
import Testing

@testable import LinuxHost

/// The observer on this machine.
@Suite(.serialized) struct MemoryObserverTests {
  @Test("it sees what the whole texts say")
  func agrees() throws {
    let observer = try MemoryObserver()
    let state = try observer.observe()
    let buddy = try BuddyInfo.parse(try KernelFile.read("/proc/buddyinfo"))
    #expect(state.zones.map(\.name) == buddy.zones.map(\.name))
    #expect(state.zones.map(\.freeBlocks.count) == buddy.zones.map(\.freeBlocks.count))
    let vmstat = try VMStat.parse(try KernelFile.read("/proc/vmstat"))
    let events = vmstat.counters.keys.filter(ObservationLayout.isEvent)
    #expect(Set(state.counters.keys) == Set(events) && state.counters.count > 10)
    for (name, value) in state.counters { #expect(try #require(vmstat[name]) >= value, "\(name)") }
    for bytes in [state.dataCacheBytes, state.dirtyBytes, state.writebackBytes, state.lockedBytes] {
      #expect(try #require(bytes) < 1 << 50)
    }
    #expect(state.freeBytes > 0 && state.takenAtNanoseconds > 0)
  }

  /// How many calls of read(2) and its like this thread has made (/proc/PID/task/TID/io, `syscr`).
  private func reads() throws -> UInt64 {
    let text = try KernelFile.read("/proc/thread-self/io")
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("syscr: ") })
    return try #require(UInt64(line.dropFirst(7)))
  }

  @Test("a look costs as many reads whatever else there is: processes are not looked at")
  func costsTheSame() throws {
    let observer = try MemoryObserver()
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: observer.layout.wordCount)
    defer { words.deallocate() }
    func cost() throws -> UInt64 {
      let before = try reads()
      try observer.observe(into: words)
      return try reads() - before
    }
    _ = try cost()
    let alone = try cost()
    let processes = try processCount()
    let others = try ChildProcess(spawning: "/bin/sh", ["-c", "for i in $(seq 40); do sleep 1000 & done; wait"])
    defer { kill(-others.processID, SIGKILL) }
    while try processCount() < processes + 40 { Clock.sleep(nanoseconds: 1_000_000) }
    let among = try cost()
    #expect(alone == among && alone > 0)
  }

  private func processCount() throws -> Int { try Directory.names(in: "/proc").count { Int($0) != nil } }

  @Test("nothing is allocated that stays, over as many looks as a failover has")
  func allocatesNothing() throws {
    let observer = try MemoryObserver()
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: observer.layout.wordCount)
    defer { words.deallocate() }
    try observer.observe(into: words)
    let before = clinux_allocated_bytes()
    for _ in 0..<128 { try observer.observe(into: words) }
    #expect(clinux_allocated_bytes() == before)
  }
}
