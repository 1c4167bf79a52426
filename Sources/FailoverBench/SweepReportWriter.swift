import Analysis
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Sweeps

/// Makes the page of a sweep, with the charts of a numeric knob.
enum SweepReportWriter {
  /// The page's path, and why it has no charts where it should have some.
  static func write(_ path: String, _ summary: SweepSummary) throws(RecordFileError) -> (path: String, advice: String?)
  {
    let plan = try SweepFolder.plan(path)
    let runs = try SweepFolder.arms(path, plan).flatMap { arm in
      arm.runs.sorted { $0.key < $1.key }.map { (values: arm.values, run: $0.value) }
    }
    let folder = try ResultsFolder.open(path, owner: FileOwner.behindSudo)
    let (figures, data) = SweepFigures.all(summary, runs: runs)
    var drawn: [(figure: Figure, svg: String?)] = []
    var advice: String?
    if !figures.isEmpty {
      let place = try folder.folder("figures")
      for (name, text) in data { try place.write(text, named: name) }
      for figure in figures {
        let answer = try ReportWriter.draw(figure, data, into: place)
        drawn.append((figure, answer.svg))
        advice = advice ?? answer.advice
      }
    }
    let scenario = runs.first?.run.record.scenario.name ?? "sweep"
    try folder.write(
      SweepPage.html(summary, scenario: scenario, runs: runs, figures: drawn, advice: advice), named: "report.html")
    return ("\(folder.path)/report.html", advice)
  }
}
