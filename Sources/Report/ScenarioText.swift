public import Experiment

/// A scenario as a file that `--scenario` reads back to the same scenario, with what each key is for, its range and its default above it.
public enum ScenarioText {
  /// Ends with a line break.
  public static func yaml(_ scenario: Scenario) -> String {
    var text = "# A scenario of failover-bench. Each key is also an option: pin is --pin.\n"
    text += "name: \(quoted(scenario.name))\n"
    text += "summary: \(quoted(scenario.summary))\n"
    for key in ScenarioKey.allCases {
      let range = key.expected + (key.entry.defaultText.map { "; by default \($0)" } ?? "")
      text +=
        "\n" + [key.entry.help, range].flatMap { LineWrapping.lines($0, width: 118) }.map { "# \($0)\n" }.joined()
      let values = scenario.texts(of: key)
      if !key.isList {
        text += "\(key.rawValue): \(values.map(scalar).joined())\n"
      } else if values.isEmpty {
        text += "\(key.rawValue): []\n"
      } else {
        text += "\(key.rawValue):\n" + values.map { "  - \(scalar($0))\n" }.joined()
      }
    }
    return text
  }

  /// Without quotes where no reader of YAML can take it for anything but this text, or for a number or truth value of the
  /// same spelling.
  private static func scalar(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 45
        || byte == 42
    }
    return plain && text.first.map { $0.isLetter || $0.isNumber } ?? false ? text : quoted(text)
  }

  /// A double-quoted scalar (YAML 1.2, section 7.3.1).
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return quoted + "\""
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
    default: true
    }
  }
}
