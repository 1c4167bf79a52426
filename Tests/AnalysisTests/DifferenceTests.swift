import Experiment
import Testing

@testable import Analysis

@Suite struct DifferenceTests {
  private typealias My = ComparisonSample

  @Test("pins of another size are named, those of a control are not")
  func pinnedMemory() {
    func run(_ id: String, pages: UInt64) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.inject = InjectRecord(pinnedPages: pages, transientPages: 0, durationNanoseconds: 1)
      record.start = record.start.map {
        StartState(
          state: $0.state, watermarks: $0.watermarks, totalBytes: $0.totalBytes, ballastBytes: 0,
          memory: StartMemory(lists: []))
      }
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    #expect(
      Difference.environment([run("a", pages: 122_880)], [run("b", pages: 81_920)])
        == [Difference(fact: "pinned", base: "480.0 MiB", new: "320.0 MiB")])
    #expect(Difference.environment([run("a", pages: 1000)], [run("b", pages: 1040)]) == [])
    #expect(Difference.environment([run("a", pages: 0)], [run("b", pages: 1040)]) == [])
  }

  @Test func onlyDifferentFactsAreNamed() {
    let (base, new) = ([My.run("a", milliseconds: 1)], [My.run("b", milliseconds: 1, kernel: "6.19")])
    #expect(Difference.environment(base, new) == [Difference(fact: "kernel", base: "6.18", new: "6.19")])
    #expect(Difference.environment(base, [My.run("c", milliseconds: 2)]) == [])
  }

  /// What one program or one kernel records and another does not is no difference of the machines.
  @Test func settingsThatNotAllHaveAreNotCompared() {
    func run(_ id: String, _ settings: [String: String]) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.host.settings = settings
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", ["vm.swappiness": "60"])]
    #expect(Difference.environment(base, [run("b", ["vm.swappiness": "60", "vm.defrag_mode": "0"])]) == [])
    #expect(
      Difference.environment(base, [run("c", ["vm.swappiness": "1", "vm.defrag_mode": "0"])]) == [
        Difference(fact: "vm.swappiness as found", base: "60", new: "1")
      ])
  }

  /// Debian's kernel with a zone made at boot, in two guests of the lab.
  @Test("the folders that a guest is told of on its kernel's command line make no difference")
  func kernelCommandLine() {
    func run(_ id: String, _ options: String, folder: String) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.host.kernelCommandLine =
        "\(options)virtme_initmount0=var/tmp/failover-bench-lab.\(folder)/out virtme.exec=`\(folder)` loglevel=7 "
        + "init=/var/tmp/failover-bench-lab.\(folder)/cache/bin/virtme-ng-init"
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", "", folder: "1")]
    #expect(Difference.environment(base, [run("b", "", folder: "2")]) == [])
    #expect(
      Difference.environment(base, [run("c", "movablecore=1280M ", folder: "3")]) == [
        Difference(fact: "kernel command line", base: "loglevel=7", new: "movablecore=1280M loglevel=7")
      ])
  }

  /// To trace takes its time as well.
  @Test func thatOneSideIsTracedIsNamed() {
    let traced = My.run("b", milliseconds: 1)
    var record = traced.record
    record.apply(
      .allocations(AllocationTrace(rows: [], unavailable: [], lostEvents: 0, eventsOutside: 0, bufferBytes: 0)))
    let new = ComparedRun(path: traced.path, record: record, observations: traced.observations)
    #expect(
      Difference.environment([My.run("a", milliseconds: 1)], [new]) == [
        Difference(fact: "the failover is traced", base: "no", new: "yes")
      ])
  }

  /// It cannot be made equal, and so it is said: by medians, and only where it is more than a twentieth of what was free.
  @Test func howTheFreeMemoryLayAtTheStart() {
    func run(_ id: String, unmovable: UInt64, movable: UInt64) -> ComparedRun {
      let run = My.run(id, milliseconds: 1)
      var record = run.record
      record.start = record.start.map {
        StartState(
          state: $0.state, watermarks: $0.watermarks, totalBytes: $0.totalBytes, ballastBytes: $0.ballastBytes,
          memory: StartMemory(lists: [
            .init(node: 0, zone: "Normal", mobility: "Unmovable", freeBytes: unmovable << 20, wholeBlockBytes: 0),
            .init(
              node: 0, zone: "Normal", mobility: "Movable", freeBytes: movable << 20, wholeBlockBytes: movable << 20),
          ]))
      }
      return ComparedRun(path: run.path, record: record, observations: run.observations)
    }
    let base = [run("a", unmovable: 100, movable: 3900), run("b", unmovable: 120, movable: 3880)]
    let other = [run("c", unmovable: 1100, movable: 2900), run("d", unmovable: 1120, movable: 2880)]
    #expect(
      Difference.environment(base, other) == [
        Difference(fact: "free on unmovable lists at the start", base: "110.0 MiB", new: "1.1 GiB"),
        Difference(fact: "free in blocks of order 9 and more at the start", base: "3.8 GiB", new: "2.8 GiB"),
      ])
    #expect(Difference.environment(base, [run("e", unmovable: 300, movable: 3700)]) == [])
    #expect(Difference.environment(base, [My.run("f", milliseconds: 1)]) == [], "unknown is no difference")
  }

}
