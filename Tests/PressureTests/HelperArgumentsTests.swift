@testable import PressureHelper
import Testing

@Suite("The helper's command line")
struct HelperArgumentsTests {
  @Test func complete() throws {
    let arguments = try HelperArguments(["--control-fd", "3", "--life-fd", "4", "--journal", "/run/j"])
    #expect(arguments.controlDescriptor == 3)
    #expect(arguments.lifeDescriptor == 4)
    #expect(arguments.journalPath == "/run/j")
    #expect(try HelperArguments(["--life-fd", "9", "--control-fd", "8"]).journalPath == nil)
  }

  @Test(
    "wrong ones are refused",
    arguments: [
      [], ["--control-fd"], ["--control-fd", "3"], ["--control-fd", "3", "--life-fd", "3"],
      ["--control-fd", "2", "--life-fd", "4"], ["--control-fd", "x", "--life-fd", "4"],
      ["--control-fd", "-3", "--life-fd", "4"], ["--control-fd", "3", "--life-fd", "99999999999"],
      ["--control-fd", "3", "--life-fd", "4", "--journal", ""], ["--control-fd", "3", "--life-fd", "4", "--journal"],
      ["--help"], ["pin"],
    ])
  func wrong(words: [String]) throws {
    let error = #expect(throws: HelperArguments.UsageError.self) { try HelperArguments(words) }
    #expect(try #require(error).description.contains("usage:"))
  }
}
