import Foundation
import Testing

@testable import FailoverBench

/// `failover-bench model` as its user sees it. None of these needs root.
@Suite struct ModelUsageTests {
  /// A machine of 96 MiB, played in a moment by a debug build, too.
  static let small = [
    "--set", "memory.zone=96MiB", "--set", "memory.free-at-boot=88MiB", "--set", "divided.fragmenting-zone=60MiB",
    "--set",
    "divided.fragmenting-used=4MiB", "--set", "working-set.size=1MiB", "--files", "9000", "--rewrites", "9000", "--pin",
    "8MiB",
    "--filesystems", "6", "--progress", "never",
  ]

  @Test(
    "what is not allowed gets exit code 64 and exactly one line with the key, the value and what is allowed",
    arguments: [
      (["--scheme", "buddy"], ["scheme", "'buddy'", "conventional"]),
      (["--scheme", "divided,divided"], ["scheme", "each once"]),
      (["--seeds", "9-1"], ["seeds", "'9-1'", "1-16"]),
      (["--seeds", "1,1"], ["seeds", "'1,1'"]),
      (["--seeds", ""], ["seeds", "''"]),
      (["--set", "watermark.low=-5"], ["watermark.low", "'-5'", "20 pages to"]),
      (["--set", "watermark.low=30"], ["watermark.low", "'30 pages'", "watermark.min or more"]),
      (["--set", "colour=red"], ["set", "'colour'", "watermark.low"]),
      (["--set", "memory.free-at-boot=9GiB"], ["memory.free-at-boot", "memory.zone"]),
      (["--set", "divided.fragmenting-zone=4GiB"], ["divided.fragmenting-zone", "less than memory.zone"]),
      (["--set", "watermark.low"], ["set", "'watermark.low'", "KEY=VALUE"]),
      (["--files", "90000000"], ["files", "'90000000'", "in the model"]),
    ] as [([String], [String])])
  func refusal(_ arguments: [String], _ expected: [String]) throws {
    try Command.expectRefusal(["model"] + arguments, naming: expected)
  }

  @Test("a scheme beside the run that does not exist is refused before anything is touched")
  func modelScheme() throws {
    try Command.expectRefusal(
      ["run", "--model-scheme", "buddy"], naming: ["invalid value 'buddy' for --model-scheme: expected ", "linux-6"])
  }

  @Test("all schemes, every invariant checked; the same output each time")
  func everything() throws {
    let arguments = ["model", "--scheme", "all", "--seeds", "1", "--check"] + Self.small
    let first = try Command.run(arguments)
    #expect(first.exitCode == 0, "\(first.error)")
    #expect(first.error == "")
    for scheme in [
      "conventional", "divided", "unit-extension", "garbage-collection", "noncontiguous", "lkmalloc", "linux-6",
    ] {
      #expect(first.output.contains(scheme), "\(scheme) is missing in:\n\(first.output)")
    }
    #expect(try Command.run(arguments).output == first.output)
  }

  @Test("JSON on standard output, series in a directory")
  func exports() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fb-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let answer = try Command.run(["model", "--seeds", "3", "--json", "--csv", directory.path] + Self.small)
    #expect(answer.exitCode == 0, "\(answer.error)")
    let value = try #require(try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any])
    #expect(value["schemaVersion"] as? Int == 1)
    let series = try String(contentsOf: directory.appendingPathComponent("series.csv"), encoding: .utf8)
    let lines = series.split(separator: "\n")
    #expect(lines[0].hasPrefix("scheme,seed,mount,"))
    #expect(
      lines.count > 2 && lines.dropFirst().allSatisfy { $0.hasPrefix("conventional,3,") || $0.hasPrefix("divided,3,") })
    // What is there is not written over.
    #expect(try Command.run(["model", "--seeds", "3", "--csv", directory.path] + Self.small).exitCode == 64)
  }

  @Test("the parameters with label, range and reason, as they are set")
  func parameters() throws {
    let answer = try Command.run(["model", "--parameters", "--set", "watermark.low=600"])
    #expect(answer.exitCode == 0, "\(answer.error)")
    for text in ["watermark.low", "600 pages", "kernel", "fitted", "input", "cost.refault"] {
      #expect(answer.output.contains(text))
    }
  }

  @Test(
    "seeds",
    arguments: [("1-3,7", [1, 2, 3, 7]), ("5", [5]), ("18446744073709551615", [UInt64.max])] as [(String, [UInt64])])
  func seeds(_ text: String, _ expected: [UInt64]) { #expect(SeedList.parse(text) == expected) }

  @Test(
    "no seeds", arguments: ["", ",", "1-", "-1", "a", "3-2", "1-20001", "1,2,1", "1-2-3", "+1", "18446744073709551616"])
  func noSeeds(_ text: String) { #expect(SeedList.parse(text) == nil) }
}
