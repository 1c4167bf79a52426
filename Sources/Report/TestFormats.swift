import Experiment

/// KTAP version 1 (the kernel's Documentation/dev-tools/ktap.rst).
enum KTAP {
  /// The first two lines, for `count` tests.
  static func heading(_ count: Int) -> String { "KTAP version 1\n1..\(count)\n" }

  /// Text of others in a line: a '#' would begin a directive.
  static func escaped(_ text: String) -> String {
    SingleLine.text(text).escaped(["#": "\\#"])
  }
}

/// The XML that CI servers read as JUnit's.
enum JUnit {
  /// What became of a test case.
  enum Outcome {
    case passed
    case failed(String)
    case skipped(String)
  }

  /// - Parameter suites: one or more of ``suite(_:seconds:cases:)``.
  static func document(_ suites: [String]) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n" + suites.joined() + "</testsuites>\n"
  }

  /// Counts its cases by itself; `seconds` nil where the time is not known. `properties`, which the schema has first, are facts about all of them.
  static func suite(
    _ name: String, seconds: String? = nil, properties: [(name: String, value: String)] = [],
    cases: [(name: String, className: String, seconds: String?, outcome: Outcome)]
  ) -> String {
    func count(_ holds: (Outcome) -> Bool) -> Int { cases.count { holds($0.outcome) } }
    let failures = count { if case .failed = $0 { true } else { false } }
    let skipped = count { if case .skipped = $0 { true } else { false } }
    func time(_ seconds: String?) -> String { seconds.map { " time=\"\($0)\"" } ?? "" }
    let head =
      "name=\"\(Markup.escaped(name))\" tests=\"\(cases.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\""
      + time(seconds)
    let facts = properties.map {
      "      <property name=\"\(Markup.escaped($0.name))\" value=\"\(Markup.escaped($0.value))\"/>\n"
    }
    return "  <testsuite \(head)>\n"
      + (facts.isEmpty ? "" : "    <properties>\n\(facts.joined())    </properties>\n")
      + cases.map { item in
        let open =
          "    <testcase classname=\"\(item.className)\" name=\"\(Markup.escaped(item.name))\"" + time(item.seconds)
        return switch item.outcome {
        case .passed: open + "/>\n"
        case .failed(let message): open + "><failure message=\"\(Markup.escaped(message))\"/></testcase>\n"
        case .skipped(let message): open + "><skipped message=\"\(Markup.escaped(message))\"/></testcase>\n"
        }
      }.joined() + "  </testsuite>\n"
  }
}
