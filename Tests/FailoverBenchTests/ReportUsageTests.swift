import Foundation
import Testing

@testable import FailoverBench

/// `failover-bench report` as its user sees it, of a run on the simulated machine, and the page in a real browser.
@Suite struct ReportUsageTests {
  private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  private static let hasGnuplot = FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")

  private static func run(_ path: String) throws -> String {
    let answer = try Command.run(
      [
        "sweep", "plan", "--testbed", "model", "--scheme", "conventional", "--set", "mount-demand=none,paper",
        "--repeat", "1", "--output", path,
      ]
        + [
          "memory.zone=96MiB", "memory.free-at-boot=88MiB", "divided.fragmenting-zone=60MiB",
          "divided.fragmenting-used=4MiB", "working-set.size=1MiB",
          "files=2000", "rewrites=2000", "pin=8MiB", "filesystems=8",
        ].flatMap { ["--fix", $0] })
    #expect(answer.exitCode == 0, "\(answer.error)")
    let point = try Command.run(["sweep", "point", "1", "--in", path])
    #expect(point.exitCode == 0, "\(point.error)")
    return String(try #require(point.output.split(separator: " ").last).dropLast())
  }

  @Test(
    "the page opens in a browser without an error, all charts are there, and nothing is loaded",
    .enabled(
      if: browser != nil && hasGnuplot, "chromium and gnuplot are not installed: apt-get install chromium gnuplot-nox"))
  func page() throws {
    let path = "\(FileManager.default.temporaryDirectory.path)/fb-report-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let results = try Self.run(path)
    let answer = try Command.run(["report", results])
    #expect(
      answer.exitCode == 0 && answer.output == "\(results)/report.html\n" && answer.error == "", "\(answer.error)")
    for name in ["cumulative", "close-up", "free-blocks", "data-cache", "free-memory"] {
      for suffix in ["gp", "svg"] {
        #expect(FileManager.default.fileExists(atPath: "\(results)/figures/\(name).\(suffix)"), "\(name).\(suffix)")
      }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.browser))
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(path)/profile", "--enable-logging=stderr",
      "--dump-dom",
      "file://\(results)/report.html",
    ]
    let (output, error) = ("\(path)/dom", "\(path)/log")
    for file in [output, error] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: error)
    try process.run()
    process.waitUntilExit()
    let (dom, log) = (
      try String(contentsOfFile: output, encoding: .utf8), try String(contentsOfFile: error, encoding: .utf8)
    )
    #expect(process.terminationStatus == 0, "\(log)")
    #expect(dom.ranges(of: "<figure ").count >= 5 && dom.ranges(of: "<svg ").count == dom.ranges(of: "<figure ").count)
    #expect(dom.contains("All 8 services came up"), "\(dom.prefix(2000))")
    #expect(!log.contains("CONSOLE"), "\(log)")
    // A namespace is a name and loads nothing.
    let addresses = dom.matches(of: /https?:\/\/[^"' <]+/).map { String($0.output) }.filter {
      !$0.hasPrefix("http://www.w3.org/")
    }
    #expect(addresses == [])
  }

  @Test("a table of the model that was cut off, or is none, gets one line")
  func badModelTable() throws {
    let path = "\(FileManager.default.temporaryDirectory.path)/fb-report-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let results = try Self.run(path)
    for (text, expected) in [
      ("hello\n", "not a table of mounts"), ("number,outcome,a\n1,moun", "cut off"),
      ("number,outcome,a\n1,mounted\n", "line 2 has 2 cells"),
    ] {
      try text.write(toFile: results + "/model.csv", atomically: true, encoding: .utf8)
      try Command.expectRefusal(["report", results], naming: [expected])
    }
    try Command.expectRefusal(["report", results, results], naming: ["--output"])
    #expect(try Command.run(["report", "/nowhere"]).exitCode == 64)
    let ktap = try Command.run(["report", results, "--format", "ktap"])
    #expect(ktap.exitCode == 0 && ktap.output.contains("  ok 8 mount 8 "))
  }
}
