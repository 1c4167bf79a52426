import LinuxSystem

/// `model: 12 of 32 runs`, or what else is counted, on standard error, over itself where that is a terminal.
final class CountPrinter: Sendable {
  private let isShown: Bool
  private let what: String
  private let unit: String

  init(_ mode: ProgressPrinter.Mode, what: String = "model", unit: String = "runs") {
    (self.what, self.unit) = (what, unit)
    isShown = mode == .always || (mode == .auto && Terminal.width != nil)
  }

  func show(_ done: Int, of all: Int) {
    if isShown { StandardError.write("\r\(what): \(done) of \(all) \(unit)") }
  }

  func end() {
    if isShown { StandardError.write("\r\u{1B}[K") }
  }
}
