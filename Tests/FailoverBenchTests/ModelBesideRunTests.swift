import Analysis
import Foundation
import LinuxSystem
import MemoryModel
import RecordFiles
import TestSupport
import Testing

@testable import FailoverBench

/// The model beside a run that was recorded on an idle machine: environment 1 on 2 GiB, sixty blocks of 64 kB a mount (Linux 6.18, two
/// processors). How near the model comes on the machine at hand depends on what else that one does, so that it is no test; it is measured by
/// hand (the README has the paper's size).
@Suite struct ModelBesideRecordTests {
  @Test("environment 1: free blocks of the pattern's sizes, and the first 64 kB demand that fails, within a tenth")
  func environment1() throws {
    let recorded = try RunDirectoryReader.read(Checkout.path + "/fixtures/records/env1-2gib")
    let beside = ModelBesideRun(
      record: recorded.record, observations: recorded.observations,
      pageTypes: RunDirectoryReader.kernelText(recorded, "settle-after", "pagetypeinfo"))
    let model = try #require(try beside.play(.linux6)).comparison
    // One page of eight is pinned: what is free are blocks of 1, 2 and 4 pages.
    let pattern = model.freeBlocksBefore.filter { $0.order <= 2 }
    #expect(Set(pattern.map(\.order)) == [0, 1, 2])
    for order in pattern { #expect(abs(try #require(order.blocks.deviation)) <= 0.1, "\(order)") }
    let measured = try #require(model.firstRefusedDemand.measured)
    #expect(measured == 52)
    #expect(
      abs(try #require(model.firstRefusedDemand.deviation)) <= 0.1,
      "measured \(measured), model \(model.firstRefusedDemand)")
  }
}

/// The model beside the real kernel.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct ModelBesideRunTests {
  init() throws { try Privilege.require() }

  private struct Summary: Decodable {
    let incompleteReason: String?
    let model: ModelComparison?
  }

  private func run(_ arguments: [String]) throws -> (summary: Summary, hasTable: Bool) {
    let root = "/var/tmp/fb-model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try Command.run(
      [
        "run", "--scenario", "quick", "--filesystems", "2", "--files", "10", "--rewrites", "10", "--pin", "1MiB",
        "--memory", "none", "--json", "--progress", "never", "--no-report", "--output", root,
      ] + arguments)
    #expect(answer.exitCode == 0, "\(answer.error)")
    return (
      try JSONDecoder().decode(Summary.self, from: Data(answer.output.utf8)),
      FileManager.default.fileExists(atPath: root + "/model.csv")
    )
  }

  @Test("a run has the model beside it, of the machine as it was found")
  func besideARun() throws {
    let (summary, hasTable) = try run([])
    let model = try #require(summary.model, "\(summary.incompleteReason ?? "")")
    #expect(hasTable && model.scheme == Scheme.linux6.name)
    #expect(model.freeBytesBefore.measured != nil && model.freeBytesBefore.model != nil)
  }

  @Test("--no-model runs none")
  func noModel() throws {
    let (summary, hasTable) = try run(["--no-model"])
    #expect(summary.model == nil && !hasTable)
  }
}
