import Analysis
import Foundation
import LinuxSystem
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
  @Test("environment 1: free blocks of the pattern's sizes, and the first demand that is not met, within a tenth")
  func environment1() throws {
    let model = try undisturbed()
    // One page of eight is pinned: what is free are blocks of 1, 2 and 4 pages.
    let pattern = model.freeBlocksBefore.filter { $0.order <= 2 }
    #expect(Set(pattern.map(\.order)) == [0, 1, 2])
    for order in pattern { #expect(abs(try #require(order.blocks.deviation)) <= 0.1, "\(order)") }
    let measured = try #require(model.firstUnmetDemand.measured, "all demands were met: the machine has more large blocks than 128 mounts take")
    #expect(abs(try #require(model.firstUnmetDemand.deviation)) <= 0.1, "measured \(measured), model \(model.firstUnmetDemand)")
  }

  /// The model knows of no other programs. A run during which they cached more than a twentieth of its memory says nothing about it;
  /// on a machine that never rests, the test fails.
  private func undisturbed() throws -> ModelComparison {
    var reasons: [String] = []
    for _ in 0..<4 {
      guard let model = try measure(&reasons) else { continue }
      guard let cached = model.dataCacheBytesBefore.measured else { throw Busy(reasons: ["the data cache is unavailable"]) }
      if cached < (2 << 30) / 20 { return model }
      reasons.append("\(cached >> 20) MiB of files were cached by other programs")
    }
    throw Busy(reasons: reasons)
  }

  private struct Busy: Error, CustomStringConvertible {
    let reasons: [String]
    var description: String { "every run was disturbed (\(reasons.joined(separator: "; "))): run the test on an idle machine" }
  }

  /// Nothing where the run broke off for want of memory, which on 2 GiB other programs take from it, or of huge
  /// pages, which they are in the way of.
  private func measure(_ reasons: inout [String]) throws -> ModelComparison? {
    let root = "/var/tmp/fb-model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try Command.run([
      "run", "--scenario", "paper-env1", "--memory", "2GiB", "--mount-demand", "64kB*60", "--mount-timeout", "1s", "--json",
      "--progress", "never", "--output", root,
    ])
    let summary = try JSONDecoder().decode(Summary.self, from: Data(answer.output.utf8))
    if answer.exitCode == 70 || answer.exitCode == 69, let reason = summary.incompleteReason {
      reasons.append(reason)
      return nil
    }
    #expect(answer.exitCode == 0 || answer.exitCode == 1, "\(answer.error) \(summary.incompleteReason ?? "")")
    #expect(FileManager.default.fileExists(atPath: root + "/model.csv"))
    let model: ModelComparison = try #require(summary.model, "\(answer.output)")
    return model
  }

  @Test("--no-model plays none")
  func noModel() throws {
    let root = "/var/tmp/fb-model-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let answer = try Command.run([
      "run", "--scenario", "quick", "--filesystems", "1", "--files", "10", "--rewrites", "10", "--pin", "1MiB", "--no-model", "--json",
      "--progress", "never", "--output", root,
    ])
    #expect(answer.exitCode == 0, "\(answer.error)")
    #expect(try JSONDecoder().decode(Summary.self, from: Data(answer.output.utf8)).model == nil)
    #expect(!FileManager.default.fileExists(atPath: root + "/model.csv"))
  }
}
