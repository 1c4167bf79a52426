import ArgumentParser
import Foundation

/// The commands with their arguments as the argument parser itself tells them (`--experimental-dump-help`): what a manual page
/// is made of.
struct HelpDump: Decodable, Equatable {
  let command: Command

  struct Command: Decodable, Equatable {
    let commandName: String
    let shouldDisplay: Bool
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [Command]?

    /// Those that `--help` lists.
    var displayedSubcommands: [Command] { (subcommands ?? []).filter(\.shouldDisplay) }
    /// Under the name that is typed.
    func part(of command: Command) -> Command {
      Command(
        commandName: "\(command.commandName) \(commandName)", shouldDisplay: shouldDisplay, abstract: abstract,
        discussion: discussion,
        arguments: arguments, subcommands: subcommands)
    }

    var displayedArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }
  }

  struct Argument: Decodable, Equatable {
    enum Kind: String, Decodable { case positional, option, flag }

    struct Name: Decodable, Equatable {
      enum Kind: String, Decodable { case long, short, longWithSingleDash }
      let kind: Kind
      let name: String

      /// As it is typed.
      var text: String { (kind == .long ? "--" : "-") + name }
    }

    let kind: Kind
    let shouldDisplay: Bool
    let sectionTitle: String?
    let isRepeating: Bool
    let isOptional: Bool
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?
    let discussion: String?

    /// `--help` and `--version`, which every command has.
    var isCommon: Bool { (names ?? []).contains { ["help", "version"].contains($0.name) } }
  }

  /// Of this program.
  static func ofThisProgram() throws -> HelpDump {
    try JSONDecoder().decode(HelpDump.self, from: Data(FailoverBenchCommand._dumpHelp().utf8))
  }
}
