import Experiment
@testable import MemoryModel
import Testing

@Suite struct ParameterTests {
  private static func error(_ settings: [String], memory: String? = nil) -> String? {
    var scenario = Scenario(name: "parameters")
    do throws(ScenarioError) {
      for setting in settings { try scenario.set(.set, setting) }
      if let memory { try scenario.set(.memory, memory) }
      _ = try ModelParameters(scenario)
      return nil
    } catch { return error.description }
  }

  @Test(arguments: ModelParameter.all.map(\.key))
  func aDefaultIsAllowed(key: String) throws {
    let parameter = try #require(ModelParameter.named(key))
    #expect(parameter.range.contains(ModelParameters()[keyPath: parameter.path]))
    #expect(parameter.reason.count > 10, "a reason that says something")
  }

  @Test func keysAreUnique() {
    #expect(Set(ModelParameter.all.map(\.key)).count == ModelParameter.all.count)
    #expect(Set(ModelParameter.all.map { $0.path as AnyKeyPath }).count == ModelParameter.all.count)
    #expect(ModelParameter.named("watermark.medium") == nil)
  }

  /// What is printed for a default can be given back: it is the same value.
  @Test(arguments: ModelParameter.all.map(\.key))
  func printAndParse(key: String) throws {
    let parameter = try #require(ModelParameter.named(key))
    #expect(
      try parameter.parse(parameter.defaultText) == ModelParameters()[keyPath: parameter.path],
      "\(parameter.defaultText)")
  }

  @Test(arguments: [
    ("watermark.low", "511", 511), ("watermark.low", "511 pages", 511), ("memory.zone", "512MiB", 131_072),
    ("memory.zone", "536870912", 131_072), ("inode.per-page", "5.5", 550), ("inode.per-page", "5.05", 505),
    ("inode.per-page", "10", 1_000), ("cost.mount", "40ms", 40_000_000), ("cost.mount", "1s", 1_000_000_000),
    ("reclaim.batch", "1", 1), ("linux6.watermark-scale-factor", "3000", 3_000),
  ])
  func parse(key: String, text: String, value: Int) throws {
    let parameter = try #require(ModelParameter.named(key))
    #expect(try parameter.parse(text) == value)
  }

  @Test(arguments: [
    ("watermark.min", "-1"), ("watermark.min", "19"), ("watermark.min", "65537"), ("watermark.min", "x"),
    ("watermark.min", "255.5"),
    ("watermark.min", "255pages"), ("watermark.min", "1e3"), ("watermark.min", "9223372036854775808"),
    ("memory.zone", "536870913"),
    ("memory.zone", "600000001"), ("memory.zone", "-512MiB"), ("memory.zone", "70GiB"), ("memory.zone", "99999999TiB"),
    ("inode.per-page", "5.123"), ("inode.per-page", "5."), ("inode.per-page", ".5"), ("inode.per-page", "-5"),
    ("inode.per-page", "5.5.5"), ("inode.per-page", "5.+5"), ("inode.per-page", "3.99"), ("inode.per-page", "10.01"),
    ("cost.mount", "-1ms"), ("cost.mount", "0s"), ("cost.mount", "1 hour"), ("cost.freed-page", "99ns"),
    ("unit.order", "3"),
    ("unit.order", "10"), ("cache.pages-per-operation", "0"), ("reclaim.batch", "0"), ("divided.reserve-ratio", "0"),
  ])
  func notAllowed(key: String, text: String) throws {
    let parameter = try #require(ModelParameter.named(key))
    let message = try #require(Self.error(["\(key)=\(text)"]))
    #expect(message == "invalid value '\(text)' for --set \(key): expected \(parameter.allowed)")
    #expect(!message.contains("\n"))
  }

  @Test func wholeTexts() {
    #expect(
      Self.error(["watermark.low=-5"])
        == "invalid value '-5' for --set watermark.low: expected 20 pages to 131072 pages")
    #expect(
      Self.error(["inode.per-page=44"]) == "invalid value '44' for --set inode.per-page: expected 4.00 to 10.00")
    #expect(Self.error(["unit.order=big"]) == "invalid value 'big' for --set unit.order: expected 4 to 9")
    #expect(Self.error(["cost.refault=1h"]) == "invalid value '1h' for --set cost.refault: expected 10us to 20ms")
    let keys = ModelParameter.all.map(\.key).joined(separator: ", ")
    #expect(Self.error(["watermark.lo=5"]) == "invalid value 'watermark.lo' for --set: expected \(keys)")
  }

  @Test func valuesThatDoNotGoTogether() {
    #expect(
      Self.error(["watermark.low=200"])
        == "invalid value '200 pages' for --set watermark.low: expected watermark.min or more")
    #expect(
      Self.error(["watermark.high=500"])
        == "invalid value '500 pages' for --set watermark.high: expected watermark.low or more")
    let larger = Self.error(["memory.free-at-boot=3400MiB"])
    #expect(larger?.hasPrefix("invalid value '3") == true)
    #expect(
      larger?.hasSuffix(" for --set memory.free-at-boot: expected memory.zone and memory.dma-free together or less")
        == true)
    let half = ["memory.zone=512MiB", "memory.free-at-boot=400MiB"]
    #expect(Self.error(half)?.hasPrefix("invalid value '2") == true)
    #expect(Self.error(half)?.hasSuffix(" for --set divided.fragmenting-zone: expected less than memory.zone") == true)
    // 112 MiB and the DMA zone's are in use: 256 MiB are free to hold them.
    let zones = half + ["divided.fragmenting-zone=256MiB"]
    #expect(Self.error(zones + ["divided.fragmenting-used=64MiB"]) == nil)
    #expect(Self.error(zones + ["divided.fragmenting-used=200MiB"])?.hasPrefix("invalid value '200") == true)
    let used = [
      "memory.zone=512MiB", "memory.free-at-boot=256MiB", "divided.fragmenting-zone=500MiB",
      "divided.fragmenting-used=0B",
    ]
    #expect(Self.error(used)?.hasPrefix("invalid value '0B' for --set divided.fragmenting-used: ") == true)
    #expect(
      Self.error(["watermark.high=60000"])?.hasSuffix(
        " for --set memory.free-at-boot: expected at least 16 times watermark.high") == true)
  }

  @Test func settingsAreTaken() throws {
    var scenario = Scenario(name: "parameters")
    for parameter in ModelParameter.all {
      let text: String =
        switch parameter.unit {
        case .pages, .count: "\(ModelParameters()[keyPath: parameter.path])"
        case .size: ByteSize.exactText(UInt64(ModelParameters()[keyPath: parameter.path]) * 4096)
        case .hundredths: parameter.defaultText
        case .duration: parameter.defaultText
        }
      try scenario.set(.set, "\(parameter.key)=\(text)")
    }
    #expect(try ModelParameters(scenario) == ModelParameters())
    try scenario.set(.set, "cost.mount=1ms")
    var expected = ModelParameters()
    expected.mountNanoseconds = 1_000_000
    #expect(try ModelParameters(scenario) == expected)
  }

  @Test func anotherMachineHasTheSameProportions() throws {
    var scenario = Scenario(name: "parameters")
    try scenario.set(.memory, "8GiB")
    let parameters = try ModelParameters(scenario)
    #expect(parameters.zonePages == 2 * 851_968 && parameters.bootFreePages == 2 * 793_088)
    #expect(parameters.dividedFragmentingPages == 2 * 524_288 && parameters.dividedFragmentingUsedPages == 2 * 19_712)
    try scenario.set(.memory, "4GiB")
    #expect(try ModelParameters(scenario) == ModelParameters())
    // A product that does not fit into 64 bits is no machine.
    for memory in ["32TiB", "1024TiB"] {
      let message = Self.error([], memory: memory)
      #expect(message?.contains(" for --memory: ") == true, "\(memory): \(message ?? "taken")")
    }
  }

  /// Pages are numbered by 24 bits. A machine that has more is refused in one line, and nothing crashes.
  @Test func aMachineTooLarge() async {
    await #expect(processExitsWith: .success) {
      var scenario = Scenario(name: "large")
      try scenario.set(.memory, "128GiB")
      try scenario.set(.files, "1000")
      var message = ""
      do throws(ScenarioError) { _ = try SimulatedTestbed(scenario: scenario, scheme: .conventional) } catch {
        message = error.description
      }
      #expect(message.contains(" for --memory: "))
    }
  }
}
