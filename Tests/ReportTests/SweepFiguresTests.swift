import Analysis
import Experiment
@testable import Report
import TestSupport
import Testing

@Suite struct SweepFiguresTests {
  private static func summary(_ name: String, _ values: [String], rounds: Int = 2) -> (
    SweepSummary, [(values: [String], run: ComparedRun)]
  ) {
    var arms: [SweepSummary.Arm] = []
    var runs: [(values: [String], run: ComparedRun)] = []
    for value in values {
      var arm = SweepSummary.Arm(values: [value])
      for round in 1...rounds {
        var record = SampleRecord.record
        record.runID = "\(value)-\(round)"
        // Times of failovers that stop early have no bars.
        record.mounts = (1...4).map { SampleRecord.mount($0, .mounted) }
        let run = ComparedRun(path: record.runID, record: record, observations: SampleRecord.observations)
        arm.runs[round] = run
        runs.append(([value], run))
      }
      arms.append(arm)
    }
    let summary = SweepSummary(
      knobs: [.init(name: name, values: values, reference: values[0], referenceIsDefault: true, scenarioKey: nil)],
      arms: arms, reference: 0, looks: LookSchedule(endingAfter: rounds))
    return (summary, runs)
  }

  @Test("a numeric knob has a chart against itself and one against the index, every run a line of the data")
  func numericKnob() throws {
    let (summary, runs) = Self.summary("vm.swappiness", ["0", "50", "100"])
    let (figures, data) = SweepFigures.all(summary, runs: runs)
    #expect(
      figures.map(\.name).contains("knob-mount-median-ms") && figures.map(\.name).contains("index-mount-median-ms"))
    let lines = try #require(data["runs.csv"]).split(separator: "\n")
    #expect(lines.count == 7 && lines[0].hasPrefix("vm.swappiness,unusable_index.before,mount.median_ms"))
    #expect(lines[1].hasPrefix("0,0.59"))
    let medians = try #require(data["medians.csv"]).split(separator: "\n")
    #expect(medians.count == 4 && medians[2].hasPrefix("50,13.0,13.0,13.0"), "\(medians)")
    // What is the same in all runs at 0 is no chart.
    #expect(!figures.contains { $0.name.contains("failed") })
    let page = SweepPage.html(summary, scenario: "s", runs: runs, figures: figures.map { ($0, nil) }, advice: nil)
    #expect(page.contains("<h1>s: vm.swappiness</h1>") && page.contains("<td>50-2</td>"))
  }

  /// gnuplot clears the place of a bar's point: what it draws before is gone there.
  @Test("the bars are drawn before the runs")
  func barsFirst() throws {
    let (summary, runs) = Self.summary("dose", ["0", "1"], rounds: 7)
    let figure = try #require(
      SweepFigures.all(summary, runs: runs).figures.first { $0.name == "knob-mount-median-ms" })
    let bars = try #require(figure.script.firstRange(of: "with yerrorbars"))
    let points = try #require(figure.script.firstRange(of: "with points"))
    #expect(bars.lowerBound < points.lowerBound)
  }

  @Test("a second knob has a line for each of its values, with files of its own")
  func twoKnobs() throws {
    let (one, _) = Self.summary("service-files", ["128", "320"])
    var arms: [SweepSummary.Arm] = []
    var runs: [(values: [String], run: ComparedRun)] = []
    for (number, values) in [["128", "none"], ["128", "1280MiB"], ["320", "none"], ["320", "1280MiB"]].enumerated() {
      var arm = SweepSummary.Arm(values: values)
      for round in 1...2 {
        var record = SampleRecord.record
        record.runID = "\(number)-\(round)"
        // Times of its own for each setting, so that none can stand for another.
        record.mounts = (1...4).map {
          MountRecord(
            number: $0, outcome: .mounted, startedAtNanoseconds: 0,
            mountDurationNanoseconds: UInt64(number + 1) * 10_000_000, threadCPUNanoseconds: nil,
            sentinelDurationNanoseconds: nil, demand: nil)
        }
        let run = ComparedRun(path: record.runID, record: record, observations: SampleRecord.observations)
        arm.runs[round] = run
        runs.append((values, run))
      }
      arms.append(arm)
    }
    let summary = SweepSummary(
      knobs: one.knobs + [
        .init(
          name: "memory-division", values: ["none", "1280MiB"], reference: "none", referenceIsDefault: true,
          scenarioKey: nil)
      ], arms: arms, reference: 0, looks: LookSchedule(endingAfter: 2))
    let (figures, data) = SweepFigures.all(summary, runs: runs)
    #expect(Set(data.keys) == ["runs-1.csv", "runs-2.csv", "medians-1.csv", "medians-2.csv"])
    #expect(
      data["runs-2.csv"]?.split(separator: "\n").map { $0.prefix(4) } == ["serv", "128,", "128,", "320,", "320,"])
    #expect(data["medians-1.csv"]?.split(separator: "\n").count == 3)
    func medians(_ name: String) throws -> [String] {
      let lines = try #require(data[name]).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let column = try #require(lines[0].firstIndex(of: "mount.median_ms"))
      return lines.dropFirst().map { "\($0[0]): \($0[column])" }
    }
    // The settings were 128 and 320 files, each whole and divided: 10, 20, 30 and 40 ms.
    #expect(try medians("runs-1.csv") == ["128: 10.0", "128: 10.0", "320: 30.0", "320: 30.0"])
    #expect(try medians("runs-2.csv") == ["128: 20.0", "128: 20.0", "320: 40.0", "320: 40.0"])
    #expect(try medians("medians-1.csv") == ["128: 10.0", "320: 30.0"])
    #expect(try medians("medians-2.csv") == ["128: 20.0", "320: 40.0"])
    let figure = try #require(figures.first { $0.name == "knob-mount-median-ms" })
    for text in ["'medians-1.csv'", "'runs-2.csv'", "title 'memory-division=none'", "title 'memory-division=1280MiB'"] {
      #expect(figure.script.contains(text), "\(text)")
    }
    #expect(!figure.script.contains("yerrorbars"))
  }

  @Test("words are no axis")
  func words() {
    let (summary, runs) = Self.summary("pin-backend", ["pipe", "mlock"])
    #expect(SweepFigures.all(summary, runs: runs).figures.isEmpty)
  }
}
