import Experiment
import Foundation
import RecordFiles
import Report
import TestSupport
import Testing

@Suite struct ScenarioFileTests {
  @Test func thePapersSecondEnvironment() throws {
    let scenario = try BuiltInScenarios.named("paper-env2")
    #expect(scenario.name == "paper-env2" && scenario.memoryBytes == 4 << 30)
    #expect(scenario.fileSystems == 128 && scenario.fileSystemBytes == 300 << 20)
    #expect(scenario.files == 900_000 && scenario.filesPerDirectory == 1000 && scenario.rewrites == 900_000)
    #expect(scenario.writeBytes == 16 && scenario.pinPages == 102_400 && scenario.pattern == nil)
    #expect(scenario.mountDemand == .paper && scenario.mountTimeoutNanoseconds == 60_000_000_000)
    #expect(!scenario.keepGoing && !scenario.inodeResident && scenario.pinBackend == .pipe)
  }

  @Test func thePapersFirstEnvironment() throws {
    let scenario = try BuiltInScenarios.named("paper-env1")
    #expect(scenario.pattern == InjectionPattern(pinnedPages: 1, transientPages: 7) && scenario.memoryBytes == 4 << 30)
    #expect(scenario.phases.contains(.inject) && scenario.mountDemand == .paper && scenario.fileSystems == 128)
  }

  @Test func theQuickOne() throws {
    let scenario = try BuiltInScenarios.named("quick")
    #expect(scenario.memoryBytes == nil && scenario.fileSystems == 16 && scenario.files == 20_000)
    #expect(scenario.rewrites == 20_000 && scenario.pinBytes == 32 << 20 && scenario.mountDemand == .paper)
    #expect(scenario.mountTimeoutNanoseconds == 20_000_000_000)
  }

  @Test func theBinaryHoldsTheFilesOfTheRepository() throws {
    #expect(
      BuiltInScenarios.names == [
        "paper-env2", "paper-env1", "paper-2005", "quick", "xfs-64k", "xfs-striped-log", "ext4-64k",
      ])
    for name in BuiltInScenarios.names {
      let yaml = try Checkout.text("fixtures/scenarios/\(name).yaml")
      #expect(BuiltInScenarios.yaml(name) == yaml, "\(name) is not what was built in")
      #expect(try ScenarioFile.parse(yaml, fileName: "other.yaml") == BuiltInScenarios.named(name))
    }
    let error = #expect(throws: ScenarioFileError.self) { try BuiltInScenarios.named("paper-env3") }
    #expect(
      error?.description
        == "invalid value 'paper-env3' for --scenario: expected \(BuiltInScenarios.names.joined(separator: ", "))")
  }

  @Test func whatIsPrintedIsReadBack() throws {
    var odd = SampleRecord.scenario
    odd.summary = #"a "quoted" \ summary: with # signs, ümlauts & *stars*"#
    odd.sysctls = ["kernel.domainname=|/bin/x %p \"#: ", "vm.a=- 1@failover", "vm.b='"].map { SysctlSetting($0)! }
    odd.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    odd.mountDemand = MountDemand.parse("64kB*60,16kB")!
    odd.mountTimeoutNanoseconds = 1_500_000_000
    for scenario in try [odd, Scenario(name: "x-1.y_Z")] + BuiltInScenarios.names.map(BuiltInScenarios.named) {
      let yaml = ScenarioText.yaml(scenario)
      #expect(try ScenarioFile.parse(yaml, fileName: "printed.yaml") == scenario, "\(yaml)")
    }
    let yaml = ScenarioText.yaml(odd)
    for key in ScenarioKey.allCases { #expect(yaml.contains("\n\(key.rawValue):"), "\(key) is not printed") }
    #expect(yaml.hasSuffix("\n"))
  }

  @Test func aFileNamesItsScenario() throws {
    #expect(try ScenarioFile.parse("files: 5\nrewrites: 0", fileName: "/home/x/my test.v2.yaml").name == "my-test")
    #expect(try ScenarioFile.parse("name: abc\nfiles: 5", fileName: "x.yaml").name == "abc")
  }

  @Test(arguments: [
    "sysctl: vm.a=1", "sysctl: [vm.a=1]", "sysctl:\n  - vm.a=1", "sysctl:\n- 'vm.a=1'", "sysctl: {vm.a: 1}",
    "sysctl:\n  vm.a: 1",
  ])
  func sysctlsInAllForms(yaml: String) throws {
    #expect(try ScenarioFile.parse(yaml, fileName: "x.yaml").sysctls.map(\.text) == ["vm.a=1"])
  }

  @Test func anEmptyListOfSysctlsIsNone() throws {
    #expect(try ScenarioFile.parse("sysctl: []", fileName: "x.yaml").sysctls.isEmpty)
  }

  /// Not what YAML 1.1 makes of it: 1:7 is 67 to base 60, 0o17 is 15.
  @Test func valuesAreTakenAsTheyAreWritten() throws {
    #expect(try ScenarioFile.parse("pattern: 1:7", fileName: "x.yaml").pattern?.text == "1:7")
    #expect(throws: ScenarioFileError.self) { try ScenarioFile.parse("seed: 0o17", fileName: "x.yaml") }
    #expect(try ScenarioFile.parse("seed: 18446744073709551615", fileName: "x.yaml").seed == .max)
  }

  struct Hostile: Sendable, CustomTestStringConvertible {
    let what: String
    let yaml: String
    let parts: [String]
    var testDescription: String { what }
  }

  private static let bomb =
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + zip("bcdefghij", "abcdefghi").map { name, inner in
      "\(name): &\(name) [" + Array(repeating: "*\(inner)", count: 10).joined(separator: ",") + "]\n"
    }.joined() + "? *j\n: 1\n"

  static let hostile: [Hostile] = [
    Hostile(
      what: "unknown key", yaml: "files: 1\nfyles: 2",
      parts: ["x.yaml:2: unknown key 'fyles': expected name, summary, ", "files-per-directory"]),
    Hostile(what: "hostile key", yaml: #""\e[31m\nx": 2"#, parts: ["x.yaml:1", "name, summary"]),
    Hostile(what: "duplicated key", yaml: "files: 1\nfiles: 2", parts: ["x.yaml:1: files: it appears twice"]),
    Hostile(what: "duplicated by quotes", yaml: "seed: 1\n'seed': 2", parts: ["x.yaml:1: seed: it appears twice"]),
    Hostile(
      what: "duplicated in a list of settings", yaml: "sysctl: {vm.a: 1, vm.a: 2}", parts: ["vm.a: it appears twice"]),
    Hostile(
      what: "bad value", yaml: "\n\npin: lots", parts: ["x.yaml:3: invalid value 'lots' for pin: expected 0B to 1TiB"]),
    Hostile(what: "no value", yaml: "pin:", parts: ["x.yaml:1: invalid value '' for pin: expected 0B"]),
    Hostile(what: "list", yaml: "pin: [1, 2]", parts: ["x.yaml:1: invalid value 'a list' for pin: expected 0B"]),
    Hostile(what: "mapping", yaml: "pin: {a: 1}", parts: ["invalid value 'a mapping' for pin: expected "]),
    Hostile(
      what: "nested setting", yaml: "sysctl: {vm.a: {b: 1}}", parts: ["invalid value 'a mapping' for sysctl: expected "]
    ),
    Hostile(what: "nested list", yaml: "sysctl: [[vm.a=1]]", parts: ["invalid value 'a list' for sysctl: expected "]),
    Hostile(
      what: "reserved setting", yaml: "sysctl: vm.nr_hugepages=1",
      parts: ["invalid value 'vm.nr_hugepages=1' for sysctl: expected "]),
    Hostile(
      what: "values that do not fit", yaml: "files: 0", parts: ["invalid value '900000' for rewrites: expected "]),
    Hostile(what: "key that is a list", yaml: "[a]: 1", parts: ["x.yaml:1", "a key must be one of"]),
    Hostile(what: "bad name", yaml: "name: ../../etc", parts: ["invalid value '../../etc' for name: expected "]),
    Hostile(
      what: "summary on two lines", yaml: "summary: \"a\\nb\"", parts: ["invalid value 'a b' for summary: expected "]),
    Hostile(what: "not YAML", yaml: "files: [1\nrewrites: }", parts: ["x.yaml:", "it is not YAML"]),
    Hostile(what: "tab", yaml: "a:\n\t- b", parts: ["x.yaml:", "it is not YAML"]),
    Hostile(what: "unfinished quote", yaml: "files: \"1", parts: ["it is not YAML"]),
    Hostile(what: "unknown alias", yaml: "files: *nothing", parts: ["it is not YAML"]),
    Hostile(what: "control character", yaml: "files: \u{1}", parts: ["it is not YAML"]),
    Hostile(what: "binary", yaml: "\u{0}\u{0}\u{0}", parts: ["x.yaml"]),
    Hostile(what: "two documents", yaml: "files: 1\n---\nfiles: 2", parts: ["it is not YAML"]),
    Hostile(what: "empty", yaml: "", parts: ["it is not a list of KEY: VALUE lines"]),
    Hostile(what: "only a comment", yaml: "# nothing\n", parts: ["it is not a list of KEY: VALUE lines"]),
    Hostile(what: "a list", yaml: "- files", parts: ["it is not a list of KEY: VALUE lines"]),
    Hostile(what: "a text", yaml: "files", parts: ["it is not a list of KEY: VALUE lines"]),
    Hostile(what: "too large", yaml: "# " + String(repeating: "x", count: 1 << 20), parts: ["larger than 1 MiB"]),
    Hostile(what: "billion laughs", yaml: bomb, parts: ["more than 8 aliases"]),
    Hostile(what: "deep flow", yaml: "a: " + String(repeating: "[", count: 500_000), parts: ["brackets"]),
    Hostile(what: "deep flow mappings", yaml: String(repeating: "{a: ", count: 200_000), parts: ["brackets"]),
    Hostile(what: "deep block", yaml: String(repeating: "- ", count: 500_000) + "x", parts: ["nested too deep"]),
    Hostile(what: "deep keys", yaml: String(repeating: "? ", count: 500_000) + "x", parts: ["nested too deep"]),
    Hostile(
      what: "deep behind a line break of Unicode", yaml: "a: b\u{2028}" + String(repeating: "- ", count: 300_000) + "x",
      parts: ["nested too deep"]),
    Hostile(
      what: "deep by indentation", yaml: (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
      parts: ["nested too deep"]),
    Hostile(
      what: "long value", yaml: "pin: " + String(repeating: "9", count: 900_000),
      parts: ["x.yaml:1: invalid value '999", "...' for pin: "]),
  ]

  @Test(arguments: hostile)
  func anyTextIsAScenarioOrOneLine(hostile: Hostile) throws {
    let error = try #require(throws: ScenarioFileError.self) {
      try ScenarioFile.parse(hostile.yaml, fileName: "x.yaml")
    }
    let line = error.description
    for part in hostile.parts { #expect(line.contains(part), "'\(line)' does not say '\(part)'") }
    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "more than a line: \(line)")
    #expect(line.hasPrefix("x.yaml") && line.count < 1000)
  }

  /// Up to the bounds everything is parsed, on the small stack of a task.
  @Test func theBoundsAreSafe() {
    for yaml in [
      "a: " + String(repeating: "[", count: 256), String(repeating: "- ", count: 31) + "x",
      String(repeating: "? ", count: 31) + "x",
      "a: &a [" + String(repeating: "x,", count: 200_000) + "]\n? [[*a,*a],[*a,*a]]\n: 1\n? [*a,*a,*a]\n: 2",
      (0..<64).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ] {
      #expect(throws: ScenarioFileError.self) { try ScenarioFile.parse(yaml, fileName: "x.yaml") }
    }
  }

  @Test func filesThatAreNone() throws {
    let directory = try TemporaryDirectory()
    func refusal(_ name: String) throws -> String {
      let error = try #require(throws: ScenarioFileError.self) {
        try ScenarioFile.read(path: "\(directory.path)/\(name)")
      }
      #expect(error.file == "\(directory.path)/\(name)")
      return error.explanation
    }
    #expect(try refusal("missing.yaml") == "No such file or directory")
    #expect(try refusal("") == "it is not a regular file")
    try #require(mkfifo("\(directory.path)/fifo.yaml", 0o600) == 0)
    #expect(try refusal("fifo.yaml") == "it is not a regular file")
    try Data([0x66, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: "\(directory.path)/binary.yaml"))
    #expect(try refusal("binary.yaml") == "it is not UTF-8 text")
    try directory.write(String(repeating: "x", count: (1 << 20) + 1), to: "large.yaml")
    #expect(try refusal("large.yaml") == "it is larger than 1 MiB")
    try directory.write("files: 7\nrewrites: 0\n", to: "good.yaml")
    #expect(try ScenarioFile.read(path: "\(directory.path)/good.yaml").files == 7)
  }
}
