import Experiment
import Foundation
import TestSupport
import Testing

@testable import Analysis

@Suite struct MetricTests {
  /// As the results are written (RecordFiles, VersionedJSON): a ratio to nothing is infinite.
  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
    return decoder
  }

  @Test func everyNameMeansOneMetric() {
    let names = Metric.all.map(\.name) + Metric.all.compactMap(\.alias?.name)
    #expect(Set(names).count == names.count && Metric.all.count == 15)
    #expect(Set(Metric.all.map(\.title)).count == Metric.all.count)
    for metric in Metric.all {
      #expect(
        Metric.named(metric.name)?.title == metric.title
          && metric.value(of: ComparisonSample.run("a", milliseconds: 1))?.isFinite != false)
    }
  }

  @Test func theUnitStandsLastInTheName() {
    for metric in Metric.all {
      let suffix: String? =
        switch metric.unit {
        case .seconds: ".seconds"
        case .milliseconds: "_ms"
        case .mebibytes: "_mib"
        case .count, .share: nil
        }
      for unit in [".seconds", "_ms", "_mib"] {
        #expect(metric.name.hasSuffix(unit) == (suffix == unit), "\(metric.name)")
      }
    }
  }

  @Test func theWeightsAreAnOrder() {
    #expect(Metric.byWeight.compactMap(\.weight) == Array(1...10))
    #expect(
      Metric.byWeight.prefix(4).map(\.name) == [
        "mounts.completed", "mounts.first_stopped", "total.seconds", "mount.p99_ms",
      ])
    #expect(Metric.compared.allSatisfy { $0.better != .neither } && !Metric.comparable.contains(.mountsRequested))
  }

  @Test func aNameOfOldIsReadInFilesAndListsAndNotInBounds() {
    #expect(Metric.named("total-time", aliases: true) == .totalTime && Metric.named("total-time") == nil)
    #expect(Requirement("total-time < 60") == nil)
  }

  @Test("a figure is nil where the table says that it is unavailable, and never 0")
  func unavailable() {
    var record = Sample.record(fileSystems: 8, [])
    record.leftovers = nil
    let nothing = ComparedRun(path: "a", record: record, observations: [])
    for metric in Metric.all {
      #expect((metric.value(of: nothing) == nil) == (metric.unavailable != nil), "\(metric.name)")
    }
    #expect(Metric.firstStoppedMount.value(of: nothing) == 9 && Metric.mountsRequested.value(of: nothing) == 8)
  }

  @Test func valuesAreInTheUnitOfTheName() {
    let run = ComparisonSample.run("a", milliseconds: 100, mounts: 3)
    // Three of 100 ms, and the one that stopped waited a second.
    #expect(Metric.totalTime.value(of: run) == 1.3 && Metric.totalTime.value(of: run, firstMounts: 3) == 0.3)
    #expect(Metric.mountMedian.value(of: run) == 100)
    #expect(Metric.largeFreeBefore.value(of: run) == 6.25)
    #expect(Metric.firstStoppedMount.value(of: run) == 4 && Metric.mountsCompleted.value(of: run) == 3)
    // Only what grows with the mounts is cut to the first ones.
    #expect(Metric.mountsCompleted.value(of: run, firstMounts: 1) == 3)
    #expect(Metric.totalTime.value(of: run, firstMounts: 0) == nil)
  }

  @Test("a sweep.json of schema 1 is read with its names and units turned into today's")
  func oldSweep() throws {
    let old = try Self.decoder.decode(SweepSummary.self, from: try Checkout.bytes("fixtures/measured/sweep/first.json"))
    #expect(old.schema == 1)
    let total = try #require(old.effects.first?.comparison.metrics.first { $0.metric == .totalTime })
    #expect(total.base.first == 0.540236404 && total.baseMedian == 0.593032146)
    let figures = try #require(old.rows.first).figures
    func figure(_ metric: Metric) -> SweepSummary.Row.Figure? { figures.first { $0.metric == metric } }
    #expect(
      figure(.totalTime)?.median == 5.682322114 && figure(.mountMedian)?.least == 11.377538
        && figure(.mountsCompleted)?.median == 43)
    #expect(try #require(figure(.largeFreeBefore)).median < 4096)
    // What was read is written with today's names, and read to the same.
    let text = try Self.encoder.encode(old)
    #expect(!String(decoding: text, as: UTF8.self).contains("total-time"))
    #expect(try Self.decoder.decode(SweepSummary.self, from: text) == old)
  }

  @Test func aComparisonIsReadAsItWasWritten() throws {
    let times: [Double] = [100, 101, 102, 103, 104, 105]
    let comparison = RunComparison(
      base: ComparisonSample.side("a", times), new: [ComparisonSample.side("b", times.map { $0 * 2 })])
    let text = try JSONEncoder().encode(comparison)
    #expect(String(decoding: text, as: UTF8.self).contains("\"total.seconds\""))
    #expect(try JSONDecoder().decode(RunComparison.self, from: text) == comparison)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Metric].self, from: Data("[\"beauty\"]".utf8)) }
  }
}
