import Experiment
import RecordFiles
import TestSupport
import Testing

/// The options of a scenario are made of the table of its keys. None of these needs root.
@Suite struct ScenarioOptionsTests {
  /// `--help` without its line breaks.
  private static func help(_ command: String) throws -> String {
    let answer = try Command.run([command, "--help"])
    #expect(answer.exitCode == 0)
    return answer.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test("--help says of each key what the table says", arguments: ["run", "model", "doctor"])
  func help(command: String) throws {
    let help = try Self.help(command)
    for key in ScenarioKey.allCases {
      let entry = key.entry
      let option =
        entry.kind == .flag ? "--\(key.rawValue)/--no-\(key.rawValue)" : "--\(key.rawValue) <\(entry.valueName)>"
      #expect(help.contains(" \(option) \(entry.optionHelp)"), "\(option) is missing in \(help)")
    }
    for name in BuiltInScenarios.names { #expect(help.contains(name)) }
  }

  @Test("--help offers every backend that pins")
  func backends() throws {
    let help = try Self.help("run")
    let offered = try #require(help.firstMatch(of: /--pin-backend <([^>]*)>/)).output.1
    #expect(offered.split(separator: "|").map(String.init) == PinBackend.allCases.map(\.rawValue))
  }

  @Test("the article about scenarios has a row for each key, with its default", arguments: ScenarioKey.allCases)
  func article(key: ScenarioKey) throws {
    let text = try Checkout.text("Sources/FailoverBench/FailoverBench.docc/Scenarios.md")
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `\(key.rawValue)` | ") }.map {
      $0.split(separator: "|")
    }
    // Some keys have an article's table of their own, below the first.
    let cells = try #require(rows.first { $0.count == 4 }, "\(key.rawValue) has no row")
    #expect(cells[3].filter { $0 != " " && $0 != "`" } == key.entry.defaultText ?? "none")
    for word in key.entry.choices { #expect(cells[2].contains("`\(word)`")) }
  }

  @Test("a completion offers the words that a key may be")
  func completions() throws {
    let script = try Command.run(["--generate-completion-script", "bash"]).output
    for backend in PinBackend.allCases { #expect(script.contains("'\(backend.rawValue)'")) }
  }

  /// For each key a value that no built-in scenario has.
  private static let values: [ScenarioKey: [String]] = [
    .machine: ["as-2005"], .memory: ["3GiB"], .memoryDivision: ["256MiB"],
    .memoryMethod: ["offline"], .filesystems: ["7"], .filesystemSize: ["301MiB"], .files: ["77"],
    .filesPerDirectory: ["11"],
    .rewrites: ["5"],
    .writeSize: ["17B"], .inodeResident: ["true"], .pin: ["8KiB"], .pinBackend: ["dm-snapshot"], .pattern: ["2:9"],
    .transientBackend: ["memfd"],
    .mountDemand: ["16kB*3"],
    .demandRetry: ["once"], .mountTimeout: ["3s"], .injectUntil: ["400000"], .mountPause: ["20ms"],
    .flushBeforeFailover: ["false"],
    .fileSystem: ["ext4"], .blockSize: ["64KiB"], .logStripe: ["64KiB"], .mountOptions: ["noatime"], .dose: ["0.5"],
    .serviceFiles: ["9"], .serviceFileSize: ["1KiB-4KiB"], .serviceTimeout: ["7s"],
    .keepGoing: ["true"], .crashedVolumes: ["true"],
    .sysctl: ["vm.swappiness=1", "vm.swappiness=2@failover"], .set: ["watermark.low=600", "watermark.high=700"],
    .seed: ["42"],
  ]

  /// What a value means nothing without.
  private static let companions: [ScenarioKey: (key: ScenarioKey, value: String)] = [
    .memoryMethod: (.memory, "3GiB"), .transientBackend: (.pattern, "1:7"),
  ]

  @Test("each key is an option that sets it", arguments: ScenarioKey.allCases)
  func eachKey(key: ScenarioKey) throws {
    let values = try #require(Self.values[key], "\(key.rawValue) has no value here")
    let (on, off) = ("--\(key.rawValue)", "--no-\(key.rawValue)")
    let companion = Self.companions[key]
    let arguments =
      values.flatMap { key.entry.kind == .flag ? [$0 == "true" ? on : off] : [on, $0] }
      + (companion.map { ["--\($0.key.rawValue)", $0.value] } ?? [])
    let answer = try Command.run(["run", "--scenario", "quick", "--print-scenario"] + arguments)
    #expect(answer.exitCode == 0, "\(answer.error)")
    var expected = try BuiltInScenarios.named("quick")
    if let companion { try expected.set(companion.key, companion.value) }
    let before = expected
    for text in values { try expected.set(key, text) }
    #expect(expected != before)
    #expect(try ScenarioFile.parse(answer.output, fileName: "printed.yaml") == expected)
    guard key.entry.kind == .flag else { return }
    let turnedOff = try Command.run(
      ["run", "--scenario", "quick", "--print-scenario"] + arguments + [arguments == [on] ? off : on])
    #expect(try ScenarioFile.parse(turnedOff.output, fileName: "printed.yaml") == before, "the last one counts")
  }

  @Test("without an option the scenario is as it is, and of one given twice the last counts")
  func noneAndTwice() throws {
    let plain = try Command.run(["run", "--print-scenario"])
    #expect(
      try ScenarioFile.parse(plain.output, fileName: "x.yaml") == BuiltInScenarios.named(BuiltInScenarios.names[0]))
    let twice = try Command.run(["run", "--print-scenario", "--files", "1", "--files=2"])
    #expect(try ScenarioFile.parse(twice.output, fileName: "x.yaml").files == 2)
  }
}
