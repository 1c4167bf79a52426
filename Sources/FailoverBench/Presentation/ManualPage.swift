/// The manual page, a pure function of the definitions of the arguments: one page for all commands, with options that several
/// commands share told once.
struct ManualPage {
  let dump: HelpDump
  let version: String
  /// As in 2026-01-31.
  let date: String
  /// What no definition tells, in order, below everything else.
  let appendix: [Section]

  struct Section: Equatable {
    let title: String
    let content: Content

    enum Content: Equatable {
      /// What is typed, a line or more, and what it does.
      case examples([Item])
      case items([Item])
      case text(String)
    }

    struct Item: Equatable {
      let name: String
      let text: String
    }
  }

  /// Ends with a line break.
  func text() -> String {
    let root = dump.command
    let (paragraphs, sections) = Self.parts(of: root.discussion ?? "")
    var lines = [
      ".\\\" Generated from the definitions of the arguments by `\(root.commandName) manual`.",
      ".TH \(Roff.literal(root.commandName.uppercased())) 1 \(Roff.literal(date)) \"\(Roff.literal(root.commandName)) \(version)\" \"User Commands\"",
      // A terminal's lines may end where they like; an option that is broken in two cannot be copied.
      ".nh", ".ad l",
      ".SH NAME", "\(Roff.literal(root.commandName)) \\- \(Roff.prose(Self.withoutPoint(root.abstract ?? "")))",
      ".SH SYNOPSIS",
    ]
    for command in commands { lines += synopsis(command) }
    lines.append(".SH DESCRIPTION")
    lines += Self.text(paragraphs)
    lines.append(".SH COMMANDS")
    for command in commands {
      lines += Self.item(
        name: "\\fB\(Roff.literal(command.commandName))\\fR", text: command.abstract ?? "Show help for a command.")
    }
    lines.append(".SH OPTIONS")
    lines += commonOptions()
    for command in commands { lines += options(of: command) }
    for group in sharedGroups { lines += options(of: group) }
    for section in sections + appendix { lines += Self.lines(of: section) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Each command, and behind one that has parts (`sweep`) these as commands of their own (`sweep plan`).
  private var commands: [HelpDump.Command] {
    dump.command.displayedSubcommands.flatMap { command in
      [command] + command.displayedSubcommands.map { $0.part(of: command) }
    }
  }

  private func synopsis(_ command: HelpDump.Command) -> [String] {
    let positionals = command.displayedArguments.filter { $0.kind == .positional }
    let hasOptions = command.displayedArguments.contains { $0.kind != .positional && !$0.isCommon }
    var line = "\\fB\(Roff.literal("\(dump.command.commandName) \(command.commandName)"))\\fR"
    if hasOptions { line += " [\\fIoption\\fR ...]" }
    for argument in positionals {
      let name = "\\fI\(Roff.literal(argument.valueName ?? "value"))\\fR" + (argument.isRepeating ? " ..." : "")
      line += argument.isOptional || argument.isRepeating && argument.abstract == nil ? " [\(name)]" : " \(name)"
    }
    return [".br", line]
  }

  // MARK: - Options

  /// Options under one heading that are the same for several commands.
  private struct Group: Equatable {
    let title: String
    let arguments: [HelpDump.Argument]
    var commandNames: [String]
  }

  private var sharedGroups: [Group] {
    var groups: [Group] = []
    for command in commands {
      for (title, arguments) in Self.titledGroups(command) {
        if let index = groups.firstIndex(where: { $0.title == title && $0.arguments == arguments }) {
          groups[index].commandNames.append(command.commandName)
        } else {
          groups.append(Group(title: title, arguments: arguments, commandNames: [command.commandName]))
        }
      }
    }
    return groups.filter { $0.commandNames.count > 1 }
  }

  private static func titledGroups(_ command: HelpDump.Command) -> [(title: String, arguments: [HelpDump.Argument])] {
    var groups: [(title: String, arguments: [HelpDump.Argument])] = []
    for argument in command.displayedArguments {
      guard let title = argument.sectionTitle else { continue }
      if let index = groups.firstIndex(where: { $0.title == title }) {
        groups[index].arguments.append(argument)
      } else {
        groups.append((title, [argument]))
      }
    }
    return groups
  }

  private func commonOptions() -> [String] {
    let arguments = dump.command.displayedArguments.filter { $0.isCommon }
    return [".P", "Options of every command:"] + Self.items(arguments)
  }

  private func options(of command: HelpDump.Command) -> [String] {
    let shared = sharedGroups.filter { $0.commandNames.contains(command.commandName) }
    let own = command.displayedArguments.filter { argument in
      !argument.isCommon && !shared.contains { $0.title == argument.sectionTitle && $0.arguments.contains(argument) }
    }
    let paragraphs = Self.parts(of: command.discussion ?? "").paragraphs
    // The parser's own `help` says nothing of its arguments; the synopsis has them.
    guard own.contains(where: { $0.abstract != nil }) || !paragraphs.isEmpty || !shared.isEmpty else { return [] }
    var lines = [".SS \(Roff.literal("\(dump.command.commandName) \(command.commandName)"))"]
    lines += Self.text(paragraphs)
    lines += Self.items(own)
    if !shared.isEmpty {
      let titles = shared.map { "\\fB\($0.title)\\fR" }.joined(separator: " and ")
      lines += [".P", own.isEmpty ? "The options under \(titles) below." : "And the options under \(titles) below."]
    }
    return lines
  }

  private func options(of group: Group) -> [String] {
    [
      ".SS \(group.title)",
      "Options of " + group.commandNames.map { "\\fB\(Roff.literal($0))\\fR" }.joined(separator: ", ") + ".",
    ]
      + Self.items(group.arguments)
  }

  private static func items(_ arguments: [HelpDump.Argument]) -> [String] {
    var lines: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      var names = argument.names ?? []
      // --x and --no-x come one after the other, with one help for both.
      if argument.kind == .flag, let next = rest.first, next.kind == .flag, next.abstract == argument.abstract,
        let name = names.first?.name, next.names?.first?.name == "no-" + name
      {
        names += next.names ?? []
        rest.removeFirst()
      }
      var heading = names.map { "\\fB\(Roff.literal($0.text))\\fR" }.joined(separator: ", ")
      if argument.kind != .flag, let value = argument.valueName {
        heading +=
          (heading.isEmpty ? "" : " ") + "\\fI\(Roff.literal(value))\\fR"
          + (argument.kind == .positional && argument.isRepeating ? " ..." : "")
      }
      lines += item(name: heading, text: description(of: argument))
    }
    return lines
  }

  private static func description(of argument: HelpDump.Argument) -> String {
    var parts = [argument.abstract, argument.discussion].compactMap(\.self)
    if let values = argument.allValues, !values.allSatisfy({ parts.joined().contains($0) }) {
      parts.append("One of: \(values.joined(separator: ", ")).")
    }
    if let value = argument.defaultValue { parts.append("Default: `\(value)`.") }
    return parts.joined(separator: " ")
  }

  // MARK: - Text

  /// The paragraphs of a discussion, and its sections: a heading in capitals with indented lines of name and text below it.
  static func parts(of discussion: String) -> (paragraphs: [String], sections: [Section]) {
    var (paragraphs, sections): ([String], [Section]) = ([], [])
    for block in discussion.split(separator: "\n\n") {
      let lines = block.split(separator: "\n")
      guard let heading = lines.first, lines.count > 1, heading == heading.uppercased(),
        lines.dropFirst().allSatisfy({ $0.hasPrefix("  ") })
      else {
        paragraphs.append(lines.joined(separator: " "))
        continue
      }
      let items = lines.dropFirst().map { line in
        let words = line.split(separator: " ", maxSplits: 1)
        return Section.Item(name: String(words[0]), text: words.count > 1 ? String(words[1].drop { $0 == " " }) : "")
      }
      sections.append(Section(title: String(heading), content: .items(items)))
    }
    return (paragraphs, sections)
  }

  private static func lines(of section: Section) -> [String] {
    var lines = [".SH \(Roff.literal(section.title))"]
    switch section.content {
    case .text(let text): lines.append(Roff.prose(text))
    case .items(let items):
      for entry in items { lines += item(name: "\\fB\(Roff.literal(entry.name))\\fR", text: entry.text) }
    case .examples(let items):
      for entry in items {
        lines += [".P", Roff.prose(entry.text), ".P", ".RS 4", ".EX"]
        lines += entry.name.split(separator: "\n").map { Roff.guarded(Roff.literal(String($0))) }
        lines += [".EE", ".RE"]
      }
    }
    return lines
  }

  private static func text(_ paragraphs: [String]) -> [String] {
    paragraphs.enumerated().flatMap { index, text in (index == 0 ? [] : [".P"]) + [Roff.prose(text)] }
  }

  private static func item(name: String, text: String) -> [String] { [".TP", Roff.guarded(name), Roff.prose(text)] }

  private static func withoutPoint(_ text: String) -> String { text.last == "." ? String(text.dropLast()) : text }
}
