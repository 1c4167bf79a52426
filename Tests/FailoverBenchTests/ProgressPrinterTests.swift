import Experiment
import Testing

@testable import FailoverBench

/// What is shown of phases, with a clock of the test's own.
@Suite struct ProgressPrinterTests {
  private final class Screen {
    var seconds: UInt64 = 0
    var text = ""
  }

  private static func printer(_ mode: ProgressPrinter.Mode, isTerminal: Bool = false, on screen: Screen)
    -> ProgressPrinter
  {
    ProgressPrinter(mode, isTerminal: isTerminal, now: { screen.seconds * 1_000_000_000 }, write: { screen.text += $0 })
  }

  private static func populate(_ printer: ProgressPrinter, on screen: Screen) {
    printer.begin(.populate)
    for second in UInt64(1)...70 {
      screen.seconds = second
      printer.progress(done: second * 1000, total: 90_000)
    }
    printer.end(.populate, durationNanoseconds: 70_000_000_000)
  }

  @Test("without a terminal: a line every half a minute, and the phase's own at its end")
  func plain() {
    let screen = Screen()
    Self.populate(Self.printer(.auto, on: screen), on: screen)
    #expect(
      screen.text == """
        failover-bench: populate: 30,000 of 90,000 files, 1,000/s
        failover-bench: populate: 60,000 of 90,000 files, 1,000/s
        populate     70.0 s  70,000 files, 1,000/s

        """)
  }

  @Test("a phase of less than half a minute has one line")
  func short() {
    let screen = Screen()
    let printer = Self.printer(.auto, on: screen)
    for phase in [Phase.pin, .failover] {
      printer.begin(phase)
      screen.seconds += 29
      printer.progress(done: 29, total: 29)
      printer.end(phase, durationNanoseconds: 29_000_000_000)
    }
    #expect(screen.text == "pin          29.0 s  29 pages, 1/s\nfailover     29.0 s  29 mounts, 1/s\n")
  }

  @Test("never is silent, and a terminal has a bar in place of lines")
  func otherModes() {
    let silent = Screen()
    Self.populate(Self.printer(.never, isTerminal: true, on: silent), on: silent)
    #expect(silent.text == "")
    let terminal = Screen()
    Self.populate(Self.printer(.auto, isTerminal: true, on: terminal), on: terminal)
    #expect(terminal.text.contains("\r\u{1B}[Kpopulate [") && !terminal.text.contains("failover-bench: populate"))
  }
}
