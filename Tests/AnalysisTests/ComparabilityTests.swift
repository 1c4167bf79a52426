import Experiment
import Testing

@testable import Analysis

@Suite struct ComparabilityTests {
  private typealias My = ComparisonSample

  private static func barriers(_ base: [ComparedRun], _ new: [ComparedRun], studied: Set<ScenarioKey> = []) -> [String]
  {
    Comparability.barriers(
      ComparisonSide(path: "base", runs: base), ComparisonSide(path: "new", runs: new), studied: studied)
  }

  @Test func tuningIsWhatIsCompared() {
    let barriers = Self.barriers(
      [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, sysctl: "vm.min_free_kbytes=262144")])
    #expect(barriers == [])
    let tuning = Difference.tuning(
      [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, sysctl: "vm.swappiness=1@failover")])
    #expect(tuning == [Difference(fact: "vm.swappiness@failover", base: "as found", new: "1")])
  }

  @Test func anotherScenarioIsNotComparable() {
    let barriers = Self.barriers([My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, memory: 2 << 30)])
    #expect(
      barriers.contains { $0.contains("the scenarios differ: memory is 4GiB in results/a and 2GiB in results/b") })
    #expect(
      !Self.barriers(
        [My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, memory: 2 << 30)], studied: [.memory]
      ).contains { $0.contains("the scenarios differ") })
  }

  @Test func startsThatLieApartAreNotComparable() {
    let base = [My.run("a", milliseconds: 1, startFree: 1000 << 20)]
    #expect(Self.barriers(base, [My.run("b", milliseconds: 1, startFree: 1049 << 20)]) == [])
    let barriers = Self.barriers(base, [My.run("b", milliseconds: 1, startFree: 1051 << 20)])
    #expect(barriers.count == 1 && barriers[0].contains("free memory at the start"))
  }

  @Test("other watermarks are another machine, unless they are what is compared")
  func watermarksThatLieApart() {
    func run(_ id: String, lowPages: UInt64, sysctl: String? = nil) -> ComparedRun {
      let run = My.run(id, milliseconds: 1, sysctl: sysctl)
      var record = run.record
      record.start = record.start.map {
        StartState(
          state: $0.state,
          watermarks: [
            ZoneWatermarks(
              node: 0, name: "Normal", managedPages: 1 << 20, minPages: 1, lowPages: lowPages, highPages: lowPages,
              protectionPages: [])
          ], totalBytes: $0.totalBytes, ballastBytes: $0.ballastBytes)
      }
      return ComparedRun(path: run.path, record: record, observations: [])
    }
    let base = [run("a", lowPages: 500)]
    #expect(
      Self.barriers(base, [run("b", lowPages: 600)]).first?.hasPrefix("the sum of the low watermarks at the start")
        == true)
    #expect(Self.barriers(base, [run("b", lowPages: 600, sysctl: "vm.min_free_kbytes=90000")]) == [])
    #expect(Self.barriers(base, [run("b", lowPages: 600, sysctl: "vm.swappiness=1")]).count == 1)
    #expect(Self.barriers(base, [run("b", lowPages: 600)], studied: [.memoryDivision]) == [])
  }

  @Test("what kernel is asked for makes no other scenario, but inodes that were resident by another pressure do")
  func inodesAndMachine() {
    func run(_ id: String, pressure: String, machine: MachineKind = .any) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.scenario.inodeResident = true
      record.scenario.machine = machine
      record.apply(.sysctl(key: "vm.vfs_cache_pressure", before: "100", after: pressure))
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", pressure: "0")]
    #expect(Self.barriers(base, [run("b", pressure: "0", machine: .as2005)]) == [])
    #expect(
      Self.barriers(base, [run("b", pressure: "1")]) == [
        "inode-resident meant vm.vfs_cache_pressure 0 in results/a and 1 in results/b"
      ])
  }

  @Test func aRunIsNotComparedWithItself() {
    let run = My.run("a", milliseconds: 1)
    #expect(Self.barriers([run], [run]).contains { $0.contains("the same run") })
  }

  @Test func repeatsOfASideHaveTheSameSettings() {
    let mixed = [My.run("a", milliseconds: 1), My.run("b", milliseconds: 1, sysctl: "vm.swappiness=1")]
    #expect(
      Self.barriers(mixed, [My.run("c", milliseconds: 1)]).contains { $0.contains("do not all have the same settings") }
    )
  }

  @Test func aRunThatWasCutOffIsLeftOut() {
    let side = ComparisonSide(
      path: "s", runs: [My.run("a", milliseconds: 1), My.run("b", milliseconds: 1, status: .incomplete)])
    #expect(side.runs.map(\.path) == ["results/a"] && side.leftOut == ["results/b"])
  }
}
