import ArgumentParser
import Experiment
import MemoryModel
import RecordFiles
import Supervision

/// The scenario and every key of it, as options.
///
/// swift-argument-parser finds options by reflection over an instance that nothing has been parsed into, and hands out what was given by
/// `init(from:)`. Here both go through ``ScenarioKey``: a key that is in the table is an option, and has no property of its own.
struct ScenarioOptions: ParsableArguments, CustomReflectable {
  /// A built-in scenario's name or a file's.
  private(set) var scenario = defaultName
  private var given: [ScenarioKey: [String]] = [:]

  static let defaultName = BuiltInScenarios.names[0]
  private static let scenarioName = "scenario"

  init() {}

  /// What was given for `key`, in its order.
  func texts(of key: ScenarioKey) -> [String] { given[key] ?? [] }

  // MARK: - For the parser

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The definitions. Their order is that of `--help`.
  var customMirror: Mirror {
    let scenario = Option<String>(
      wrappedValue: Self.defaultName, name: .customLong(Self.scenarioName),
      help: ArgumentHelp(
        "What to run: \(BuiltInScenarios.names.joined(separator: ", ")), or a YAML file.", valueName: "name|file"))
    let keys = ScenarioKey.allCases.map { (label: String?.some($0.rawValue), value: Self.definition(of: $0)) }
    return Mirror(self, children: [(label: Self.scenarioName, value: scenario)] + keys, displayStyle: .struct)
  }

  private static func definition(of key: ScenarioKey) -> Any {
    let entry = key.entry
    let name = NameSpecification.customLong(key.rawValue)
    let help = ArgumentHelp("\(entry.optionHelp)", valueName: entry.valueName)
    let completion: CompletionKind? = entry.choices.isEmpty ? nil : .list(entry.choices)
    return switch entry.kind {
    case .single: Option<String?>(name: name, help: help, completion: completion)
    case .flag: Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    case .list: Option<[String]>(wrappedValue: [], name: name, help: help, completion: completion)
    }
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    scenario = try values.decode(Option<String>.self, forKey: Name(stringValue: Self.scenarioName)).wrappedValue
    for key in ScenarioKey.allCases {
      let name = Name(stringValue: key.rawValue)
      switch key.entry.kind {
      case .single: given[key] = try values.decode(Option<String?>.self, forKey: name).wrappedValue.map { [$0] }
      case .flag: given[key] = try values.decode(Flag<Bool?>.self, forKey: name).wrappedValue.map { ["\($0)"] }
      case .list: given[key] = try values.decode(Option<[String]>.self, forKey: name).wrappedValue
      }
    }
  }
}

extension ScenarioOptions {
  /// The scenario with the options applied to it.
  /// - Throws: one line that names option, value and what is expected.
  func resolve() throws -> Scenario {
    var resolved = try Self.load(scenario)
    do throws(ScenarioError) {
      for key in ScenarioKey.allCases {
        for text in texts(of: key) { try resolved.set(key, ProfileFile.resolve(text, of: key)) }
      }
      try resolved.validate()
      if let idle = resolved.idleKey { throw idle }
      // The keys of --set; what memory the model can have is nothing to the real machine.
      _ = try ModelParameters(resolved, isOfToday: true)
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
    return resolved
  }

  /// The built-in scenario of this name, or that of this file.
  /// - Throws: there is none, or the file is no scenario.
  static func load(_ scenario: String) throws -> Scenario {
    let isBuiltIn = BuiltInScenarios.names.contains(scenario)
    guard isBuiltIn || scenario.hasSuffix(".yaml") || scenario.hasSuffix(".yml") else {
      throw CommandFailure(
        invalid: scenario, for: "--\(scenarioName)",
        expected: "\(BuiltInScenarios.names.joined(separator: ", ")), or a file that ends in .yaml")
    }
    do throws(ScenarioFileError) {
      return isBuiltIn ? try BuiltInScenarios.named(scenario) : try ScenarioFile.read(path: scenario)
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }
}
