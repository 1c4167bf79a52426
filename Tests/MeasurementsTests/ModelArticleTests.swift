import Foundation
import TestSupport
import Testing

@testable import Measurements

/// The runs of the README beside the model, as the article about it has them.
@Suite struct ModelArticleTests {
  /// A table of mounts by its columns.
  private static func rows(_ path: String) throws -> [[String: String]] {
    let lines = try Checkout.text(path).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  private static func grouped(_ number: Double) -> String {
    let formatter = NumberFormatter()
    (formatter.numberStyle, formatter.locale) = (.decimal, Locale(identifier: "en_US"))
    return formatter.string(from: NSNumber(value: number.rounded())) ?? ""
  }

  @Test func theFiguresAreThoseOfTheRunsThatAreKept() throws {
    let article = try Checkout.text("Sources/FailoverBench/FailoverBench.docc/Model.md")
    func cells(_ name: String) throws -> [String] {
      let line = try #require(article.split(separator: "\n").first { $0.hasPrefix("| \(name) |") }, "\(name)")
      return line.split(separator: "|").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let tables = try ["paper-env1-64kBx60", "paper-env1", "paper-env2"].flatMap { run in
      try ["mounts.csv", "model.csv"].map { try Self.rows("fixtures/measured/\(run)/\($0)") }
    }
    #expect(
      try cells("mounts completed") == tables.map { table in "\(table.count { $0["outcome"] == "mounted" })" })
    #expect(
      try cells("first demand not met, mount")
        == tables.map { table in table.first { $0["demand_met"] == "false" }?["number"] ?? "none" })
    for (name, column, divisor, unit) in [
      ("free after the first mount", "free_bytes", 1_048_576, " MiB"),
      ("in blocks of 64 kB+", "free_64k_bytes", 1_048_576, " MiB"),
      ("free blocks of 4 kB", "free_order_0", 1.0, ""), ("of 8 kB", "free_order_1", 1, ""),
      ("of 16 kB", "free_order_2", 1, ""),
    ] {
      let figures = try tables.map { table in
        Self.grouped(try #require(Double(table[0][column] ?? "")) / divisor) + unit
      }
      #expect(try cells(name) == figures, "\(name)")
    }
  }
}
