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
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>failover-bench: \(Markup.escaped(title))</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      <main>
      \(advice.map { "<p class=advice>\(Markup.escaped($0))</p>\n" } ?? "")\(contents(sections))\(sections.enumerated().map { section($0.offset, $0.element) }.joined())</main>
      </body>
      </html>

      """
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
    let drawn = section.figures.filter { $0.svg != nil }
    if !drawn.isEmpty {
      html += "<h2>Charts</h2>\n<div class=charts>\n"
      for (figure, svg) in drawn {
        html +=
          "<figure id=\"\(figure.name)-\(index + 1)\">\n<h3>\(Markup.escaped(figure.title))</h3>\n\(FigureSVG.inline(svg ?? ""))\n"
          + "<figcaption>\(Markup.escaped(figure.caption))</figcaption>\n</figure>\n"
      }
      html += "</div>\n"
    }
    html += details("Phases", Markup.table(PhaseTable.cells(record)))
    html += details("Mounts", Markup.table(MountTable.cells(record, section.run.observations)))
    html += details("Scenario", Markup.table(scenario(record.scenario)))
    html += details("Kernel settings", Markup.table(settings(record)))
    html += details("Host", Markup.table(host(record)))
    return html + "</section>\n"
  }

  private static func details(_ title: String, _ body: String) -> String {
    body.isEmpty ? "" : "<details>\n<summary>\(Markup.escaped(title))</summary>\n\(body)</details>\n"
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

  private static let style = """
    :root { --ground: #ffffff; --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --card: #f6f8fa; --accent: #0072b2; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #0f1419; --ink: #e6e9ec; --soft: #9aa5b1; --line: #2d353d; --card: #171d24; --accent: #58a6dc; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
    main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
    h1 { font-size: 1.6rem; margin: 1rem 0 .25rem; }
    h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 0 0 .5rem; }
    a { color: var(--accent); }
    li { overflow-wrap: anywhere; }
    .outcome { font-size: 1.15rem; border-left: .3rem solid var(--accent); padding: .4rem .8rem; background: var(--card); }
    .advice { border: 1px solid var(--line); padding: .5rem .8rem; background: var(--card); }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem; }
    figure { margin: 0; padding: .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card); min-width: 0; break-inside: avoid; }
    figure svg { display: block; width: 100%; height: auto; color: var(--ink); }
    figcaption { color: var(--soft); font-size: .88rem; margin-top: .4rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; }
    th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .fields th { font-weight: 500; color: var(--soft); white-space: nowrap; }
    .fields th.part { padding-left: 1rem; }
    .fields td { overflow-wrap: anywhere; }
    details { border-top: 1px solid var(--line); padding: .5rem 0; margin-top: .5rem; }
    summary { cursor: pointer; font-weight: 600; }
    @media (max-width: 480px) { .fields th { white-space: normal; } body { font-size: 15px; } }
    @media (prefers-color-scheme: dark) { figure svg [stroke="rgb(  0, 114, 178)"] { stroke: #4aa3df; } figure svg [stroke="rgb(213,  94,   0)"] { stroke: #f08a4b; } }
    @media print { details::details-content { content-visibility: visible; height: auto; } main { max-width: none; } }
    """
}
