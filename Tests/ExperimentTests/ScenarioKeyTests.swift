import Experiment
import Testing

@Suite struct ScenarioKeyTests {
  /// For each key a value that is not the default, as it is given and as the scenario says it back.
  static let given: [(ScenarioKey, String, String)] = [
    (.machine, "as-2005", "as-2005"), (.memory, "4GiB", "4GiB"), (.memoryMethod, "offline", "offline"),
    (.memoryDivision, "1280MiB", "1280MiB"), (.filesystems, "16", "16"), (.filesystemSize, "1_024MiB", "1GiB"),
    (.files, "20_000", "20000"),
    (.filesPerDirectory, "10", "10"), (.rewrites, "5", "5"), (.writeSize, "4096", "4KiB"),
    (.inodeResident, "true", "true"),
    (.pin, "32MiB", "32MiB"), (.pinBackend, "mlock", "mlock"), (.pattern, "1:7", "1:7"),
    (.transientBackend, "memfd", "memfd"),
    (.mountDemand, "64kB*60,16kB*2", "64kB*60,16kB*2"), (.demandRetry, "once", "once"), (.mountTimeout, "2m", "120s"),
    (.injectUntil, "400_000", "400000"), (.mountPause, "20ms", "20ms"), (.flushBeforeFailover, "false", "false"),
    (.keepGoing, "true", "true"), (.crashedVolumes, "true", "true"),
    (.fileSystem, "ext4", "ext4"), (.blockSize, "65536", "64KiB"), (.logStripe, "256KiB", "256KiB"),
    (.mountOptions, "noatime,logbsize=256k", "noatime,logbsize=256k"), (.dose, "0.250", "0.25"),
    (.serviceFiles, "64", "64"), (.serviceFileSize, "16-65536", "16B-64KiB"), (.serviceTimeout, "2m", "120s"),
    (.sysctl, "vm.min_free_kbytes=65536@failover", "vm.min_free_kbytes=65536@failover"),
    (.set, "watermark.low=600", "watermark.low=600"), (.seed, "18446744073709551615", "18446744073709551615"),
  ]

  @Test func everyKeyIsCovered() { #expect(Set(Self.given.map(\.0)) == Set(ScenarioKey.allCases)) }

  @Test(arguments: given)
  func setsAndSaysBack(key: ScenarioKey, text: String, back: String) throws {
    var scenario = Scenario(name: "s")
    let before = scenario
    try scenario.set(key, text)
    #expect(scenario != before, "the key changes nothing")
    #expect(scenario.texts(of: key) == [back])
    for other in ScenarioKey.allCases where other != key {
      #expect(scenario.texts(of: other) == before.texts(of: other))
    }
  }

  @Test func textsMakeTheSameScenario() throws {
    var scenario = Scenario(name: "s")
    for (key, text, _) in Self.given { try scenario.set(key, text) }
    try scenario.set(.sysctl, "kernel.domainname=a b=c")
    var copy = Scenario(name: "s")
    for key in ScenarioKey.allCases {
      for text in scenario.texts(of: key) { try copy.set(key, text) }
    }
    #expect(copy == scenario)
  }

  static let refused: [(ScenarioKey, [String])] = [
    (.machine, ["2005", "", "Any"]), (.memory, ["", "0", "511MiB", "1025TiB", "half", "-4GiB"]),
    (.memoryMethod, ["none", "Offline"]), (.memoryDivision, ["0", "1G", "half", "1025TiB"]),
    (.filesystems, ["0", "4097", "-1", "1.5", "", "128 ", "_"]),
    (.filesystemSize, ["299MiB", "300MB", "17TiB"]),
    (.files, ["100000001", "-1", "9e5"]),
    (.filesPerDirectory, ["0", "100001"]),
    (.rewrites, ["1000000001", "x"]),
    (.writeSize, ["0", "4097", "8KiB"]),
    (.inodeResident, ["yes", "1", "TRUE", ""]),
    (.pin, ["4095", "2TiB", "400M"]),
    (.transientBackend, ["mlock"]), (.pinBackend, ["Pipe", "", "hugetlb"]),
    (.pattern, ["1", "1:", ":7", "0:7", "1:1025", "1:7:1", "+1:7", "99999999999999999999:1"]),
    (
      .mountDemand,
      ["", "8kB*1", "64kB*0", "64kB*-1", "64kB*+1", "8MiB", "64kB**2", "64kB*1,", "none,paper", "64kB*100001", "5kB"]
    ),
    (.demandRetry, ["twice"]),
    (.fileSystem, ["XFS", "zfs", ""]), (.blockSize, ["2KiB", "12KiB", "128KiB", "0"]),
    (.logStripe, ["16KiB", "33KiB"]),
    (
      .mountOptions,
      [
        "", ",", "noatime,", "ro", "loop=/dev/loop0", "LOOP", "x-systemd.automount", "noatime,bind", "logdev=/dev/sda",
        "errors=panic", "noa time", "a'b", "=1", "subvol=x", "remount", "helper=x", "offset=5", "source=/dev/sda",
        "warn_on_error",
      ]
    ),
    (.dose, ["1.1", "-0.5", "1e-3", "nan", "", ".", "half", "0.00001", "1.", ".5", "0.2.5"]),
    (.serviceFiles, ["-1", "100001"]),
    (.serviceFileSize, ["0", "2MiB", "64KiB-16B", "16B-", "-16B", "1-2-3"]), (.serviceTimeout, ["0", "500ms", "2h"]),
    (.mountTimeout, ["0", "999ms", "61m", "forever"]), (.injectUntil, ["0", "none", "1.5"]),
    (.mountPause, ["0", "999us", "61s", "short"]),
    (.flushBeforeFailover, ["yes"]),
    (.keepGoing, ["no"]),
    (.crashedVolumes, ["2"]),
    (
      .sysctl,
      ["vm.x", "=1", "vm.x=", "vmx=1", "vm..x=1", ".x=1", "vm/x=1", "vm.nr_hugepages=5", "vm.x=1@later", "../x.y=1"]
    ),
    (.set, ["watermark.low", "=5", "watermark.low=", "Watermark=5", "a b=5"]),
    (.seed, ["-1", "18446744073709551616", ""]),
  ]

  /// What stands in the table once, in the words of every message, of `--help` and of the files.
  @Test(
    arguments: [
      (.memory, "none, or 512MiB to 1024TiB, such as 4GiB"), (.filesystems, "1 to 4096"),
      (.filesystemSize, "300MiB to 16TiB (mkfs.xfs makes no smaller ones)"),
      (.writeSize, "1B to 4096B"), (.inodeResident, "true or false"),
      (.pin, "0B to 1TiB in whole pages of 4096B, such as 400MiB"),
      (.pinBackend, "pipe, mlock, snapmeta or dm-snapshot"),
      (.pattern, "none, or PINNED:TRANSIENT pages from 1 to 1024 each, such as 1:7"),
      (.demandRetry, "until-timeout, spin or once"), (.mountTimeout, "1s to 1h, such as 60s"),
      (.seed, "0 to 18446744073709551615"),
    ] as [(ScenarioKey, String)])
  func whatIsExpected(key: ScenarioKey, words: String) { #expect(key.expected == words) }

  /// A bound in the words of the table is the bound that is kept.
  @Test(
    arguments: [
      (.filesystems, "1", "4096"), (.filesystemSize, "300MiB", "16TiB"), (.files, "0", "100000000"),
      (.filesPerDirectory, "1", "100000"),
      (.rewrites, "0", "1000000000"), (.writeSize, "1B", "4096B"), (.pin, "0B", "1TiB"), (.mountTimeout, "1s", "1h"),
      (.memory, "512MiB", "1024TiB"),
      (.serviceFiles, "0", "100000"), (.serviceTimeout, "1s", "1h"), (.blockSize, "4KiB", "64KiB"),
      (.seed, "0", "18446744073709551615"),
    ] as [(ScenarioKey, String, String)])
  func theBoundsAreTaken(key: ScenarioKey, least: String, most: String) throws {
    #expect(key.expected.contains("\(least) to \(most)"))
    var scenario = Scenario(name: "s")
    try scenario.set(key, least)
    try scenario.set(key, most)
  }

  @Test func theEntriesAreWhole() throws {
    for key in ScenarioKey.allCases {
      let entry = key.entry
      #expect(
        entry.help.hasSuffix(".") && !entry.help.contains("\n") && !entry.help.contains(": "),
        "\(key.rawValue): \(entry.help)")
      #expect(!entry.valueName.isEmpty && !entry.valueName.contains(" ") && !entry.expected.isEmpty)
      // The default is a value like any other.
      #expect((entry.defaultText == nil) == key.isList)
      var scenario = Scenario(name: "s")
      if let text = entry.defaultText { try scenario.set(key, text) }
      #expect(scenario == Scenario(name: "s"))
      for word in entry.choices {
        try scenario.set(key, word)
        #expect(entry.valueName.split(separator: "|").contains { $0 == word } && entry.expected.contains(word))
      }
    }
    #expect(ScenarioKey.pinBackend.entry.choices == PinBackend.allCases.map(\.rawValue))
    #expect(ScenarioKey.demandRetry.entry.choices == DemandRetry.allCases.map(\.rawValue))
  }

  @Test func anErrorNamesTheOptionThatTheValueCameBy() {
    var scenario = Scenario(name: "s")
    let error = #expect(throws: ScenarioError.self) { try scenario.set(.writeSize, "5KiB") }
    #expect(error?.description == "invalid value '5KiB' for --write-size: expected 1B to 4096B")
    #expect(
      error?.given(by: "--fix write-size").description
        == "invalid value '5KiB' for --fix write-size: expected 1B to 4096B")
    let problem = ScenarioError(key: "mount-demand", value: "profile:x", problem: "there is no such file")
    #expect(problem.description == "invalid value 'profile:x' for --mount-demand: there is no such file")
  }

  @Test func everyKeyRefusesSomething() { #expect(Set(Self.refused.map(\.0)) == Set(ScenarioKey.allCases)) }

  @Test(arguments: refused)
  func refusesInOneLine(key: ScenarioKey, texts: [String]) {
    for text in texts {
      var scenario = Scenario(name: "s")
      let before = scenario
      let error = #expect(throws: ScenarioError.self, "\(key.rawValue): '\(text)' was accepted") {
        try scenario.set(key, text)
      }
      #expect(scenario == before, "a refused value left its mark")
      guard let error else { continue }
      #expect(error == ScenarioError(key: key.rawValue, value: text, expected: key.expected))
      let line = error.description
      #expect(line == "invalid value '\(text)' for --\(key.rawValue): expected \(key.expected)")
      #expect(!line.contains("\n"))
    }
  }

  @Test func aHostileValueStaysOnOneLine() {
    var scenario = Scenario(name: "s")
    let error = #expect(throws: ScenarioError.self) {
      try scenario.set(.pin, "1\r\n\u{1B}[2J" + String(repeating: "9", count: 10_000))
    }
    let line = error?.description ?? ""
    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(line.count < 500)
  }

  @Test func aSettingReplacesItselfOnlyAtItsStage() throws {
    var scenario = Scenario(name: "s")
    for text in ["vm.a=1", "vm.b=2", "vm.a=3@failover", "vm.a=4"] { try scenario.set(.sysctl, text) }
    #expect(scenario.texts(of: .sysctl) == ["vm.b=2", "vm.a=3@failover", "vm.a=4"])
  }

  @Test func valuesThatDoNotGoTogether() throws {
    var scenario = Scenario(name: "s")
    try scenario.validate()
    scenario.files = 0
    #expect(throws: ScenarioError.self) { try scenario.validate() }
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    try scenario.validate()
    scenario.pattern = nil
    scenario.rewrites = 0
    try scenario.validate()
    scenario.memoryBytes = 512 << 20
    scenario.pinBytes = 512 << 20
    let error = #expect(throws: ScenarioError.self) { try scenario.validate() }
    #expect(error?.key == "pin")
  }

  @Test func phasesFollowThePattern() {
    var scenario = Scenario(name: "s")
    #expect(scenario.phases == [.prepare, .settle, .populate, .rewrite, .pin, .failover, .teardown])
    scenario.pattern = InjectionPattern(pinnedPages: 1, transientPages: 7)
    #expect(scenario.phases == [.prepare, .settle, .inject, .failover, .teardown])
  }

  @Test func thePapersPinIsItsPages() { #expect(Scenario(name: "s").pinPages == 102_400) }

  @Test func anInjectionIsAtLeastOneTurnOfItsPattern() throws {
    var scenario = Scenario(name: "s")
    try scenario.set(.pattern, "1:7")
    try scenario.set(.injectUntil, "7")
    #expect(throws: ScenarioError.self) { try scenario.validate() }
    try scenario.set(.injectUntil, "8")
    try scenario.validate()
  }
}
