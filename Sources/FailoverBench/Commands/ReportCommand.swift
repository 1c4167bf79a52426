import Analysis
import ArgumentParser
import Experiment
import LinuxSystem
import RecordFiles
import Report
import Supervision
import Sweeps

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a page with charts of runs, or print their figures as Markdown, CSV, KTAP or JUnit.",
    discussion: """
      DIR is a results directory of `run`, one that holds several, or a sweep. The page (report.html) is one file that opens offline; gnuplot draws its \
      charts, whose scripts and data stay in figures/.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case html
    case markdown
    case csv
    case ktap
    case junit
  }

  @Argument(help: ArgumentHelp("Results.", valueName: "dir")) var directories: [String]
  @Option(help: ArgumentHelp("html (a file), or markdown, csv, ktap, junit on standard output.", valueName: "format"))
  var format = Format.html
  @Option(
    help: ArgumentHelp(
      "Where report.html and figures/ go: by default into the one run's own directory.", valueName: "dir")) var output:
    String?

  func run() throws {
    if directories.count == 1, SweepFolder.isSweep(directories[0]), format == .html, output == nil {
      return try Self.reportSweep(directories[0])
    }
    let runs: [RecordedRun]
    do throws(RecordFileError) {
      var all: [RecordedRun] = []
      for path in directories { all += try RunCollection.read(path) }
      runs = all
    } catch { throw CommandFailure(.usage, "\(error)") }
    switch format {
    case .html: try writePage(runs)
    case .markdown:
      if runs.count > 1 { print(ComparisonTable.services(runs.map(ComparedRun.init)) + "\n") }
      print(runs.map { RunTexts.markdown($0.path, $0.record, $0.observations) }.joined(separator: "\n"), terminator: "")
    case .csv: print(RunTexts.csv(runs.map(ComparedRun.init)), terminator: "")
    case .ktap: print(RunTexts.ktap(runs.map(ComparedRun.init)), terminator: "")
    case .junit: print(RunTexts.junit(runs.map(ComparedRun.init)), terminator: "")
    }
  }

  private static func reportSweep(_ path: String) throws {
    do throws(RecordFileError) {
      let (page, advice) = try SweepReportWriter.write(path, SweepFolder.collect(path))
      if let advice { StandardError.write("failover-bench: \(advice)\n") }
      print(page)
    } catch { throw CommandFailure(.usage, "\(error)") }
  }

  private func writePage(_ runs: [RecordedRun]) throws {
    guard output != nil || runs.count == 1 else {
      throw CommandFailure(
        .usage, "these are \(runs.count) runs: name a directory for their common report with --output DIR")
    }
    do throws(RecordFileError) {
      let owner = FileOwner.behindSudo
      let folder: ResultsFolder
      if let output {
        folder = try ResultsFolder.openOrMake(output, owner: owner)
      } else {
        folder = try ResultsFolder.open(RunDirectoryReader.directory(of: runs[0]), owner: owner)
      }
      let (path, advice) = try ReportWriter.write(runs, into: folder)
      if let advice { StandardError.write("failover-bench: \(advice)\n") }
      print(path)
    } catch { throw CommandFailure(.usage, "\(error)") }
  }
}
