import Experiment
import Foundation
import LinuxSystem
import Report

/// What the user sees while a run goes on, all of it on standard error: a bar for each phase on a terminal; elsewhere a line when a phase
/// ends, and one every half a minute for as long as it does not.
final class ProgressPrinter {
  enum Mode: String, CaseIterable {
    /// A bar where standard error is a terminal, plain lines elsewhere.
    case auto
    case always
    case never
  }

  private let showsBar: Bool
  private let isSilent: Bool
  private var phase: Phase?
  private var phaseBeganNanoseconds: UInt64 = 0
  private var lastDone: UInt64 = 0
  private var barIsDrawn = false
  private var lastLineNanoseconds: UInt64 = 0
  private let now: () -> UInt64
  private let write: (String) -> Void
  private static let linePeriodNanoseconds: UInt64 = 30_000_000_000

  /// - Parameters:
  ///   - now: a monotonic clock, in nanoseconds.
  ///   - write: takes what is to be shown.
  init(
    _ mode: Mode, isTerminal: Bool = Terminal.isOnStandardError,
    now: @escaping () -> UInt64 = { Clock.monotonicNanoseconds() },
    write: @escaping (String) -> Void = { StandardError.write($0) }
  ) {
    isSilent = mode == .never
    showsBar = mode == .always || (mode == .auto && isTerminal)
    self.now = now
    self.write = write
  }

  /// A line of its own, above the bar.
  func note(_ text: String) {
    clearBar()
    write("failover-bench: \(text)\n")
  }

  func begin(_ phase: Phase) {
    self.phase = phase
    phaseBeganNanoseconds = now()
    lastLineNanoseconds = phaseBeganNanoseconds
    lastDone = 0
    if showsBar { draw(done: 0, total: 0) }
  }

  func progress(done: UInt64, total: UInt64) {
    lastDone = done
    if showsBar { draw(done: done, total: total) } else { tell(done: done, total: total) }
  }

  func end(_ phase: Phase, durationNanoseconds: UInt64) {
    clearBar()
    self.phase = nil
    guard !isSilent else { return }
    let seconds = Double(durationNanoseconds) / 1e9
    var line = "\(Self.padded(phase.rawValue, 9))\(HumanNumber.fixed(seconds, decimals: 1).leftPadded(8)) s"
    if lastDone > 0 {
      line += "  \(HumanNumber.grouped(lastDone)) \(Self.unit(phase))"
      if seconds >= 0.1 { line += ", \(HumanNumber.grouped(UInt64(Double(lastDone) / seconds)))/s" }
    }
    write(line + "\n")
  }

  /// The line of a phase that takes its time, in a form that no phase's last line has.
  private func tell(done: UInt64, total: UInt64) {
    let now = now()
    guard let phase, !isSilent, now - lastLineNanoseconds >= Self.linePeriodNanoseconds else { return }
    lastLineNanoseconds = now
    var text = "\(phase.rawValue): \(HumanNumber.grouped(done))"
    if total > 0 { text += " of \(HumanNumber.grouped(total))" }
    let seconds = Double(now - phaseBeganNanoseconds) / 1e9
    note("\(text) \(Self.unit(phase)), \(HumanNumber.grouped(UInt64(Double(done) / seconds)))/s")
  }

  private func draw(done: UInt64, total: UInt64) {
    guard let phase else { return }
    let elapsed = Double(now() - phaseBeganNanoseconds) / 1e9
    var line = Self.padded(phase.rawValue, 9)
    if total > 0 {
      let share = min(1, Double(done) / Double(total))
      let width = 30
      let filled = Int(share * Double(width))
      line += "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
      line +=
        "\(Int(share * 100))%".leftPadded(4)
        + "  \(HumanNumber.grouped(done))/\(HumanNumber.grouped(total)) \(Self.unit(phase))"
      if elapsed > 0.5 && done > 0 {
        let rate = Double(done) / elapsed
        line += "  \(HumanNumber.grouped(UInt64(rate)))/s"
        if done < total { line += "  ETA \(Self.clock(Double(total - done) / rate))" }
      }
    } else {
      line += "..."
    }
    // Back to the first column and clear to the end of the line: no terminal's width needs to be known.
    write("\r\u{1B}[K" + line)
    barIsDrawn = true
  }

  private func clearBar() {
    guard barIsDrawn else { return }
    write("\r\u{1B}[K")
    barIsDrawn = false
  }

  private static func unit(_ phase: Phase) -> String {
    switch phase {
    case .prepare: "volumes"
    case .populate, .rewrite: "files"
    case .pin, .inject: "pages"
    case .failover: "mounts"
    case .settle, .teardown: ""
    }
  }

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded())
    let (minutes, rest) = (whole / 60, whole % 60)
    return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

extension String {
  fileprivate func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
