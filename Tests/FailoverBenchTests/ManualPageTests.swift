@testable import FailoverBench
import Foundation
import LinuxHost
import Testing

@Suite struct ManualPageTests {
  /// The page as it is read: without the language around the text.
  private static func plain(_ page: String) -> String {
    page.replacing("\\fB", with: "").replacing("\\fI", with: "").replacing("\\fR", with: "").replacing("\\-", with: "-")
      .replacing("\\(aq", with: "'").replacing("\\(dq", with: "\"")
  }

  @Test func everySubcommandAndOptionStandsOnIt() throws {
    let dump = try HelpDump.ofThisProgram()
    let page = Self.plain(try ManualCommand.page(date: "2026-01-31").text())
    let headings = page.split(separator: "\n").map(String.init)
    #expect(dump.command.displayedSubcommands.count > 4)
    for command in dump.command.displayedSubcommands {
      #expect(
        headings.contains("failover-bench \(command.commandName)")
          || headings.contains { $0.hasPrefix("failover-bench \(command.commandName) [") })
      #expect(headings.contains(command.commandName), "\(command.commandName) is not among the commands")
      for argument in command.displayedArguments {
        for name in argument.names ?? [] {
          let isThere = headings.contains { line in
            line.split(separator: " ").contains { $0 == name.text || $0 == name.text + "," } && line.hasPrefix("-")
          }
          #expect(isThere, "\(command.commandName) \(name.text) is missing")
        }
        if argument.kind == .positional { #expect(page.contains(argument.valueName ?? "?")) }
      }
    }
  }

  /// What the program answers to --help, which is made by other means.
  @Test func everyOptionOfTheHelpStandsOnIt() throws {
    let page = Self.plain(try ManualCommand.page(date: "2026-01-31").text())
    let dump = try HelpDump.ofThisProgram()
    for command in dump.command.displayedSubcommands where command.commandName != "help" {
      let answer = try Command.run([command.commandName, "--help"])
      #expect(answer.exitCode == 0)
      let options = answer.output.matches(of: /--[a-z][a-z-]+/).map { String($0.output) }
      #expect(options.count >= 2, "\(answer.output)")
      for option in Set(options) { #expect(page.contains(option), "\(command.commandName) \(option)") }
    }
  }

  @Test func theExitCodesAreASectionOfTheirOwn() throws {
    let page = try ManualCommand.page(date: "2026-01-31").text()
    let section = try #require(page.split(separator: ".SH EXIT STATUS\n").last?.split(separator: ".SH ").first)
    for code in ["0", "1", "2", "64", "69", "70", "130", "143"] {
      #expect(section.contains(".TP\n\\fB\(code)\\fR\n"), "\(code)")
    }
    #expect(!page.contains("EXIT STATUS 0"))
  }

  @Test func whatSeveralCommandsShareIsToldOnce() throws {
    let page = Self.plain(try ManualCommand.page(date: "2026-01-31").text())
    #expect(page.matches(of: #/\n--mount-demand /#).count == 1)
    #expect(page.contains(".SS Scenario\nOptions of run, model, doctor"))
  }

  @Test(arguments: [
    ("plain text", "plain text"), ("with `code -x`", "with \\fBcode \\-x\\fR"),
    ("see --keep-going, else", "see \\-\\-keep\\-going, else"),
    ("a\\b", "a\\eb"), (".hidden", "\\&.hidden"), ("'quoted'", "\\&'quoted'"),
    ("2^3 ~1 \"x\"", "2\\(ha3 \\(ti1 \\(dqx\\(dq"), ("", ""),
    ("(--set)", "(\\-\\-set)"), ("a\nb", "a b"), ("well-known", "well-known"),
  ])
  func textIsMadeFit(text: String, expected: String) { #expect(Roff.prose(text) == expected) }

  @Test func sectionsOfADiscussion() {
    let (paragraphs, sections) = ManualPage.parts(
      of: "First\nline.\n\nEXIT STATUS\n  0    fine\n  64   wrong: usage\n\nNO SECTION\nas it stands")
    #expect(paragraphs == ["First line.", "NO SECTION as it stands"])
    #expect(
      sections == [
        .init(
          title: "EXIT STATUS",
          content: .items([.init(name: "0", text: "fine"), .init(name: "64", text: "wrong: usage")]))
      ])
  }

  static let hasMan = Programs.find("man") != nil && Programs.find("groff") != nil

  /// man-db formats it and has nothing to object to.
  @Test(.enabled(if: hasMan, "man and groff are not installed: apt-get install man-db groff"))
  func manTakesIt() throws {
    let answer = try Command.run(["manual", "--date", "2026-01-31"])
    #expect(answer.exitCode == 0 && answer.error == "")
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("fb-\(UUID().uuidString).1")
    try answer.output.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "LC_ALL=C.UTF-8 MANWIDTH=80 MANROFFSEQ= exec man --warnings -l \"$1\" 2>&1 | cat", "sh", file.path,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(!text.contains("warning") && !text.contains("error:"), "\(text.prefix(500))")
    for part in ["NAME", "SYNOPSIS", "EXIT STATUS", "--mount-demand", "EXAMPLES"] {
      #expect(text.contains(part), "\(part)")
    }
    // No line but an example's is wider than the screen.
    #expect(text.split(separator: "\n").filter { $0.count > 80 && !$0.contains("sudo ") }.isEmpty)
  }

  @Test func aDateThatIsNone() throws {
    try Command.expectRefusal(["manual", "--date", "yesterday"], naming: ["yesterday"])
  }

  @Test("completions for each shell know the commands and no hidden one", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let answer = try Command.run(["--generate-completion-script", shell])
    #expect(answer.exitCode == 0)
    for word in ["profile", "doctor", "mount-demand", "file-system"] {
      #expect(answer.output.contains(word), "\(word)")
    }
    #expect(!answer.output.contains("bench-workload"))
  }
}
