import ArgumentParser
import RecordFiles
import Supervision

/// An option in per cent, such as `--margin`.
enum PercentOption {
  static let margin = ArgumentHelp(
    "Margin within which a safeguard counts as no worse, and two sides as not different, in per cent.",
    valueName: "percent")

  /// - Parameter name: as typed.
  static func read(_ text: String, _ name: String) throws -> Double {
    guard let percent = Percentage.number(text) else {
      throw CommandFailure(invalid: text, for: name, expected: Percentage.expected)
    }
    return percent
  }
}
