import Experiment
import Foundation
import LinuxHost
import LinuxSystem
import RecordFiles
import Supervision
import SystemPackage
import Sweeps

/// One point of a sweep on the real kernel: this program once more, as `run`.
struct LinuxPoint: ~Copyable {
  private let path: String
  private let plan: SweepPlan
  private let workDirectory: String
  private let stateDirectory: String
  private let pinModule: String?
  private let program: String
  private let signals: SignalDescriptor

  /// The user asked to stop: the point is not done.
  struct Interruption: Error {
    let exitStatus: Int32
  }

  init(path: String, plan: SweepPlan, host: HostOptions, signals: consuming SignalDescriptor) throws {
    // First what can fail: a struct of noncopyable parts cannot be left half made.
    let workDirectory = try host.absoluteWorkDirectory()
    let stateDirectory = try host.absoluteStateDirectory()
    guard let program = Programs.ownPath() else {
      throw CommandFailure(.environment, "`failover-bench doctor` says what is missing")
    }
    self.signals = signals
    self.path = path
    self.plan = plan
    self.workDirectory = workDirectory
    self.stateDirectory = stateDirectory
    pinModule = host.pinModule
    self.program = program
  }

  borrowing func run(_ point: SweepPlan.Point) throws -> SweepFolder.Outcome {
    let results = SweepFolder.resultsPath(path, plan, point)
    let began = Clock.monotonicNanoseconds()
    let (status, said) = try spawn(
      [
        program, "run", "--scenario", SweepFolder.scenarioPath(path, plan.settings[point.setting]), "--seed",
        "\(point.seed)", "--no-model", "--no-report",
        "--progress", "never", "--json", "--output", "\(path)/\(results)", "--work-dir", workDirectory, "--state-dir",
        stateDirectory,
      ] + (pinModule.map { ["--pin-module", $0] } ?? []))
    let duration = Clock.monotonicNanoseconds() - began
    switch status {
    case ExitStatus.allServicesUp.rawValue, ExitStatus.serviceStopped.rawValue:
      return .init(
        point: point.number, status: .done, exitStatus: status, results: results, reason: nil,
        durationNanoseconds: duration)
    // What this machine does not allow, it allows to no other point either.
    case ExitStatus.environment.rawValue: throw CommandFailure(.environment, said)
    default:
      return .init(
        point: point.number, status: .failed, exitStatus: status, results: results,
        reason: said.isEmpty ? "it ended with exit code \(status)" : said,
        durationNanoseconds: duration)
    }
  }

  /// The exit code, and the last line on standard error. A signal is passed on, and ends the sweep once the run has put the host back.
  private borrowing func spawn(_ arguments: [String]) throws -> (status: Int32, said: String) {
    let log = "/tmp/failover-bench-sweep-\(RunID.random())"
    var received: Int32?
    let (ending, text): (ChildProcess.Ending, String)
    do throws(SystemError) {
      let output = try attempt("open", log) { () throws(Errno) in
        try Descriptor(opening: log, .readWrite, [.create, .exclusiveCreate])
      }
      // It has no name any more; what is written to it goes when it is closed.
      try attempt("remove", log) { () throws(Errno) in try FileSystem.removeFile(log) }
      let child = try ChildProcess(spawning: program, Array(arguments.dropFirst()), output: output.rawValue)
      while !child.hasEnded(withinNanoseconds: 100_000_000) {
        while let signal = signals.next() {
          received = signal
          child.signal(signal == SignalDescriptor.interrupt ? signal : SignalDescriptor.terminate)
        }
      }
      ending = child.wait()
      text = try KernelFile.read("/proc/self/fd/\(output.rawValue)")
    } catch { throw CommandFailure(.broken, "\(error)") }
    if let received {
      throw Interruption(
        exitStatus: (received == SignalDescriptor.interrupt ? ExitStatus.interrupted : .terminated).rawValue)
    }
    let last = text.split(separator: "\n").last { $0.hasPrefix("failover-bench: ") }.map {
      SingleLine.text($0.dropFirst("failover-bench: ".count))
    }
    return switch ending {
    case .exited(let code): (code, last ?? "")
    case .signaled(let signal): (128 + signal, "it was killed by signal \(signal)")
    }
  }
}
