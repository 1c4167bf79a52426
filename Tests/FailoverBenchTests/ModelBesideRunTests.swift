import Analysis
import Foundation
import LinuxSystem
import TestSupport
import Testing

/// The model beside the real kernel.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct ModelBesideRunTests {
  init() throws { try Privilege.require() }

  private struct Summary: Decodable {
    let incompleteReason: String?
    let model: ModelComparison?
  }

  /// Environment 1 on 2 GiB, sixty blocks of 64 kB a mount. The paper's size (4 GiB) is measured by hand: README.
  @Test("environment 1: free blocks of the pattern's sizes, and the first 64 kB demand that fails, within a tenth")
  func environment1() throws {
    let model = try undisturbed()
    // One page of eight is pinned: what is free are blocks of 1, 2 and 4 pages.
    let pattern = model.freeBlocksBefore.filter { $0.order <= 2 }
    #expect(Set(pattern.map(\.order)) == [0, 1, 2])
    for order in pattern { #expect(abs(try #require(order.blocks.deviation)) <= 0.1, "\(order)") }
    let measured = try #require(
      model.firstRefusedDemand.measured, "no demand failed: the machine has more large blocks than 128 mounts take")
    #expect(
      abs(try #require(model.firstRefusedDemand.deviation)) <= 0.1,
      "measured \(measured), model \(model.firstRefusedDemand)")
  }

  /// The model knows of no other programs. A run during which their cache grew or shrank by more than a fiftieth of its memory says nothing
  /// about it; on a machine that never rests, the test fails.
  private func undisturbed() throws -> ModelComparison {
    var reasons: [String] = []
    // What whoever started the tests has mapped and does not use any more would be reclaimed in the first run, and be free memory to it.
    _ = try measure(&reasons, ["--memory", "2GiB", "--demand-retry", "until-timeout", "--no-model"])
    // Where the machine cannot be made so small, a little larger; a debug build of the model takes four times as long for 3 GiB.
    for memory in ["2GiB", "2GiB", "2560MiB", "2560MiB"] {
      guard let model = try measure(&reasons, ["--memory", memory, "--demand-retry", "once"]) else { continue }
      // The model's is what was cached at the start, all of it in use.
      guard let before = model.dataCacheBytesBefore.measured, let after = model.dataCacheBytesAfter.measured,
        let start = model.dataCacheBytesBefore.model
      else { throw Busy(reasons: ["the data cache is unavailable"]) }
      let change = max(before, after, start) - min(before, after, start)
      if change < (2 << 30) / 50 { return model }
      reasons.append("the cache of other programs changed by \(change >> 20) MiB during the run")
    }
    throw Busy(reasons: reasons)
  }

  private struct Busy: Error, CustomStringConvertible {
    let reasons: [String]
    var description: String {
      "every run was disturbed (\(reasons.joined(separator: "; "))): run the test on an idle machine"
    }
  }

  /// Nothing where the run broke off for want of memory, which on 2 GiB other programs take from it, or of huge
  /// pages, which they are in the way of.
  private func measure(_ reasons: inout [String], _ more: [String]) throws -> ModelComparison? {
    let root = "/var/tmp/fb-model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try Command.run(
      [
        "run", "--scenario", "paper-env1", "--mount-demand", "64kB*60", "--mount-timeout", "1s", "--json",
        "--progress", "never", "--no-report", "--output", root,
      ] + more)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(answer.output.utf8))
    if answer.exitCode == 70 || answer.exitCode == 69, let reason = summary.incompleteReason {
      reasons.append(reason)
      return nil
    }
    #expect(answer.exitCode == 0 || answer.exitCode == 1, "\(answer.error) \(summary.incompleteReason ?? "")")
    if more.contains("--no-model") { return nil }
    #expect(FileManager.default.fileExists(atPath: root + "/model.csv"))
    let model: ModelComparison = try #require(summary.model, "\(answer.output)")
    return model
  }

  @Test("--no-model plays none")
  func noModel() throws {
    let root = "/var/tmp/fb-model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try Command.run([
      "run", "--scenario", "quick", "--filesystems", "1", "--files", "10", "--rewrites", "10", "--pin", "1MiB",
      "--no-model", "--json",
      "--progress", "never", "--output", root,
    ])
    #expect(answer.exitCode == 0, "\(answer.error)")
    #expect(try JSONDecoder().decode(Summary.self, from: Data(answer.output.utf8)).model == nil)
    #expect(!FileManager.default.fileExists(atPath: root + "/model.csv"))
  }
}
