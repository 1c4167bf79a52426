import Analysis
import Experiment
import TestSupport
import Testing

@testable import Report

@Suite struct RunPageTests {
  private static func section(
    _ record: RunRecord = SampleRecord.record, hasModel: Bool = true,
    svg: String? = "<?xml?>\n<svg><text fill=\"black\">x</text></svg>"
  ) -> RunPage.Section {
    .init(
      ComparedRun(path: "results/a", record: record, observations: SampleRecord.observations),
      figures: RunFigures.all(record, SampleRecord.observations, hasModel: hasModel).map { ($0, svg) },
      notes: ["a note of the reader"])
  }

  @Test func everyChartOfThePaperAndOurs() {
    let figures = RunFigures.all(SampleRecord.record, SampleRecord.observations, hasModel: true)
    #expect(
      figures.map(\.name) == [
        "cumulative", "close-up", "free-blocks", "data-cache", "promotion", "free-memory", "stalls",
      ])
    for figure in figures {
      #expect(figure.script.contains("set output '\(figure.name).svg'"))
      #expect(figure.script.contains("mounts.csv") || figure.script.contains("memory.csv"))
    }
    #expect(figures[0].script.contains("'model.csv'"))
    #expect(
      !RunFigures.all(SampleRecord.record, SampleRecord.observations, hasModel: false).contains {
        $0.script.contains("model.csv")
      })
  }

  @Test func chartsWithoutDataAreLeftOut() {
    var record = SampleRecord.record
    #expect(RunFigures.all(record, [], hasModel: false).map(\.name) == ["cumulative", "close-up"])
    record.mounts = []
    #expect(RunFigures.all(record, SampleRecord.observations, hasModel: false).isEmpty)
  }

  @Test func aRunWhoseFirstMountStoppedHasItsPage() {
    var record = SampleRecord.record
    record.mounts = [SampleRecord.mount(1, .timedOut)]
    let figures = RunFigures.all(record, [SampleRecord.observations[0]], hasModel: false)
    #expect(figures.map(\.name) == ["cumulative"])
    #expect(RunPage.html([Self.section(record)], advice: nil).contains("Service 1 of 4 did not come up"))
  }

  @Test func memoryBeforeAndAfter() {
    // Blocks of 64 kB and more at the start: 6, 3, 1 and 2 of orders 4, 5, 6 and 10; below it 100 + 100 + 100 + 96 and 1000 + 1000 + 1000 pages.
    #expect(
      RunFigures.memoryCSV(SampleRecord.record, SampleRecord.observations)
        == "when,large_mib,small_mib\nstart,9.00,13.27\nbefore,9.00,13.27\nafter,8.81,13.28\n")
  }

  @Test func theModelsMemoryStandsBeside() {
    let model = RunFigures.FreeMemory(freeBytes: 3_145_728, largeFreeBytes: 1_048_576)
    let text = RunFigures.memoryCSV(SampleRecord.record, SampleRecord.observations, model: model)
    #expect(text.hasSuffix("after,8.81,13.28\nmodel after,1.00,2.00\n"))
    // More in large blocks than in all is no negative rest.
    let strange = RunFigures.FreeMemory(freeBytes: 1, largeFreeBytes: 1_048_576)
    #expect(RunFigures.memoryCSV(SampleRecord.record, [], model: strange).hasSuffix("model after,1.00,0.00\n"))
  }

  @Test func thePageIsSelfContained() {
    let html = RunPage.html([Self.section()], advice: nil)
    #expect(html.hasPrefix("<!doctype html>") && html.hasSuffix("</html>\n"))
    for text in ["http:", "https:", "src=", "<script", "@import", "url("] { #expect(!html.contains(text), "\(text)") }
    #expect(html.ranges(of: "<figure ").count == 7 && html.ranges(of: "<svg>").count == 7)
    #expect(!html.contains("fill=\"black\"") && html.contains("fill=\"currentColor\""))
    #expect(html.contains("Service 3 of 4 did not come up (no contiguous block of 64 kB could be had); 2 did"))
    for text in [
      "a note of the reader", "vm.min_free_kbytes", "6.1.0-32-amd64", "prefers-color-scheme: dark",
      "pressure stall information", "prepare",
    ] {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test func withoutGnuplotEveryTableIsThere() {
    let html = RunPage.html([Self.section(svg: nil)], advice: "install gnuplot")
    #expect(html.contains("install gnuplot") && !html.contains("<figure") && html.ranges(of: "<table").count >= 5)
  }

  @Test func foreignTextIsText() {
    var record = SampleRecord.record
    record.scenario.summary = "</title><script>alert(1)</script>"
    record.warnings = ["<img src=x onerror=alert(1)> & \"more\""]
    record.arguments = ["\u{1B}[31m", "a\nb"]
    let html = RunPage.html([Self.section(record)], advice: "<b>")
    #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>") && !html.contains("\u{1B}"))
    #expect(html.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
  }

  @Test func severalRunsHaveAListOfThem() {
    let html = RunPage.html([Self.section(), Self.section()], advice: nil)
    #expect(html.contains("<h1>2 runs</h1>\n<p class=outcome>all services came up in 0 of 2"))
    #expect(html.contains("href=\"#run-2\"") && html.contains("id=\"run-2\""))
  }

  @Test func asOtherTexts() {
    let run = ComparedRun(path: "results/a#1", record: SampleRecord.record, observations: SampleRecord.observations)
    let ktap = RunTexts.ktap([run])
    #expect(
      ktap.hasPrefix(
        "KTAP version 1\n1..1\n# all services came up in 0 of 1 (0 to 97 %) failovers\n  KTAP version 1\n  # Subtest: results/a\\#1\n  1..4\n  ok 1 mount 1 13.0 ms\n"
      ))
    #expect(ktap.contains("  not ok 3 mount 3 60.00 s\n  ok 4 mount 4 # SKIP not tried\nnot ok 1 results/a\\#1\n"))
    let junit = RunTexts.junit([run])
    #expect(
      junit.contains("tests=\"4\" failures=\"1\" skipped=\"1\"")
        && junit.contains("<failure message=\"no contiguous block of 64 kB could be had\"/>"))
    let csv = RunTexts.csv([run]).split(separator: "\n")
    #expect(
      csv.count == 2
        && csv[0].hasPrefix(
          "path,run,status,scenario,kernel,settings,seed,failovers.complete,services.completed,mounts.completed,")
    )
    #expect(
      csv[1].hasPrefix(
        "results/a#1,5f2c9a41d0b37e86,complete,sample,6.1.0-32-amd64,vm.min_free_kbytes=16384@failover,18446744073709551557,0,2,2,4,3,"
      ))
    let markdown = RunTexts.markdown("results/a", SampleRecord.record, SampleRecord.observations)
    #expect(
      markdown.contains("mounts completed") && markdown.contains("failover") && markdown.contains("demand-not-met"))
  }
}
