import Analysis
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Supervision

/// Draws the charts and writes the page.
enum ReportWriter {
  /// `figures/`, or of several runs `figures/run-2/`.
  private static func place(in folder: borrowing ResultsFolder, run: Int?) throws(RecordFileError) -> ResultsFolder {
    let figures = try folder.folder("figures")
    guard let run else { return figures }
    return try figures.folder("run-\(run)")
  }

  /// The chart, beside its script; or why there is none.
  static func draw(_ figure: Figure, _ data: [String: String], into place: borrowing ResultsFolder)
    throws(RecordFileError) -> (svg: String?, advice: String?)
  {
    try place.write(figure.script, named: "\(figure.name).gp")
    switch Gnuplot.draw(figure, data: data) {
    case .drawn(let svg):
      try place.write(svg, named: "\(figure.name).svg")
      return (svg, nil)
    case .failed(let reason): return (nil, reason)
    }
  }

  /// The page's path, and why it has no charts where it has none.
  static func write(_ runs: [RecordedRun], into folder: borrowing ResultsFolder) throws(RecordFileError) -> (
    path: String, advice: String?
  ) {
    var sections: [RunPage.Section] = []
    var advice: String?
    for (index, run) in runs.enumerated() {
      let model = try RunDirectoryReader.modelTable(run)
      let figures = RunFigures.all(run.record, run.observations, hasModel: model != nil)
      var drawn: [(figure: Figure, svg: String?)] = []
      if !figures.isEmpty {
        let place = try Self.place(in: folder, run: runs.count == 1 ? nil : index + 1)
        var data = [
          "mounts.csv": MountsCSV.text(
            run.record.mounts, run.observations, watermarks: run.record.watermarks),
          "memory.csv": RunFigures.memoryCSV(
            run.record, run.observations,
            model: model?.memoryAfter.map { .init(freeBytes: $0.freeBytes, largeFreeBytes: $0.largeFreeBytes) }),
        ]
        data["model.csv"] = model?.text
        for (name, text) in data { try place.write(text, named: name) }
        for figure in figures {
          let answer = try draw(figure, data, into: place)
          drawn.append((figure, answer.svg))
          advice = advice ?? answer.advice
        }
      }
      sections.append(.init(ComparedRun(run), figures: drawn, notes: run.notes))
    }
    try folder.write(RunPage.html(sections, advice: advice), named: "report.html")
    return ("\(folder.path)/report.html", advice)
  }
}
