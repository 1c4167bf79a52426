public import Analysis
import Experiment

/// One self-contained page about one run or several: no script, nothing loaded from anywhere.
public enum RunPage {
  /// A run and its charts.
  public struct Section {
    let run: ComparedRun
    /// Each chart with its finished SVG; nil where gnuplot did not draw it.
    let figures: [(figure: Figure, svg: String?)]
    /// What the reader of the files noticed.
    let notes: [String]

    /// Takes everything as it was read and drawn.
    public init(_ run: ComparedRun, figures: [(figure: Figure, svg: String?)], notes: [String]) {
      (self.run, self.figures, self.notes) = (run, figures, notes)
    }
  }

  /// - Parameter advice: why there are no charts; nil where there are.
  public static func html(_ sections: [Section], advice: String?) -> String {
    let title = sections.count == 1 ? sections[0].run.record.scenario.name : "\(sections.count) runs"
    return Page.html(
      title: title, advice: advice,
      contents(sections) + sections.enumerated().map { section($0.offset, $0.element) }.joined())
  }

  private static func contents(_ sections: [Section]) -> String {
    guard sections.count > 1 else { return "" }
    return
      "<h1>\(sections.count) runs</h1>\n<p class=outcome>\(ComparisonTable.services(sections.map(\.run)))</p>\n<ol>\n"
      + sections.enumerated().map {
        "<li><a href=\"#run-\($0.offset + 1)\">\(Markup.escaped($0.element.run.path))</a>: \(Markup.escaped(outcome($0.element.run.record)))</li>\n"
      }.joined()
      + "</ol>\n"
  }

  private static func section(_ index: Int, _ section: Section) -> String {
    let record = section.run.record
    let notes = RunNotes.texts(record, section.run.summary) + section.notes
    var html = "<section id=\"run-\(index + 1)\">\n<h1>\(Markup.escaped(record.scenario.name))</h1>\n"
    if !record.scenario.summary.isEmpty { html += "<p>\(Markup.escaped(record.scenario.summary))</p>\n" }
    html += "<p class=outcome>\(Markup.escaped(outcome(record)))</p>\n"
    html += Markup.table(SummaryTable.fields(record, section.run.summary, resultsPath: nil))
    if !notes.isEmpty {
      html += "<h2>Notes</h2>\n<ul>\n" + notes.map { "<li>\(Markup.escaped($0))</li>\n" }.joined() + "</ul>\n"
    }
    html += Page.charts(section.figures, suffix: "-\(index + 1)")
    html += Page.details("Phases", Markup.table(PhaseTable.cells(record)))
    html += Page.details("Mounts", Markup.table(MountTable.cells(record, section.run.observations)))
    html += Page.details("Scenario", Markup.table(scenario(record.scenario)))
    html += Page.details("Kernel settings", Markup.table(settings(record)))
    html += Page.details("Host", Markup.table(host(record)))
    return html + "</section>\n"
  }

  /// The outcome, in one sentence.
  static func outcome(_ record: RunRecord) -> String {
    let summary = RunSummary(of: record, observations: [])
    if record.status != .complete {
      return
        "The run was cut off (\(record.incompleteReason ?? "it did not end")): \(summary.servicesCompleted) of \(summary.mountsRequested) services had come up by then."
    }
    let time = HumanNumber.duration(summary.totalNanoseconds)
    guard let stopped = summary.firstStoppedMount else {
      return "All \(summary.mountsRequested) services came up, in \(time)."
    }
    return
      "Service \(stopped) of \(summary.mountsRequested) did not come up (\(summary.firstStoppedExplanation ?? "no reason was recorded")); \(summary.servicesCompleted) did, in \(time)."
  }

  private static func scenario(_ scenario: Scenario) -> FieldTable {
    var table = FieldTable()
    for key in ScenarioKey.allCases {
      let texts = scenario.texts(of: key)
      if !texts.isEmpty { table.add(key.rawValue, texts.joined(separator: ", ")) }
    }
    return table
  }

  private static func settings(_ record: RunRecord) -> TableCells {
    let changed = Dictionary(record.sysctls.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let keys = Set(record.host.settings.keys).union(changed.keys).sorted()
    return TableCells(
      headings: ["setting", "before", "during the run", "after"].map { .init(title: $0) },
      rows: keys.map { key in
        let found = changed[key]?.before ?? record.host.settings[key] ?? "-"
        return [key, found, changed[key]?.duringRun ?? found, changed[key].map { $0.after ?? "unknown" } ?? found]
      })
  }

  private static func host(_ record: RunRecord) -> FieldTable {
    var table = FieldTable()
    let host = record.host
    table.add("program", record.tool)
    table.add("run", record.runID)
    table.add("arguments", record.arguments.joined(separator: " "))
    table.add("kernel", "\(host.kernelRelease) \(host.architecture)")
    table.add("kernel build", host.kernelVersion)
    table.add("kernel command line", host.kernelCommandLine)
    table.add("distribution", host.distribution ?? "unknown")
    table.add("processors", "\(host.cpuCount)" + (host.cpuModel.map { ", \($0)" } ?? ""))
    table.add("memory", "\(ByteSize.humanText(host.memoryTotalBytes)), pages of \(ByteSize.exactText(host.pageBytes))")
    table.add("swap", ByteSize.humanText(host.swapBytes))
    table.add("container", host.isContainer ? "yes" : "no")
    table.add("file system of the images", host.imageFileSystem ?? "unknown")
    for item in record.capabilities?.unavailable ?? [] { table.add("not available", "\(item.what): \(item.reason)") }
    table.add(
      Metric.leftovers.title,
      record.leftovers.map { $0.items.isEmpty ? "nothing" : $0.items.joined(separator: "; ") } ?? "unknown")
    return table
  }
}
