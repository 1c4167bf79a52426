import Experiment
import LinuxSystem
import RecordFiles
import Supervision
import SystemPackage

/// One point of a sweep on the real kernel: the program once more, as `run`.
struct LinuxPoint: ~Copyable {
  private let path: String
  private let plan: SweepPlan
  private let host: SweepRunner.Host
  private let signals: SignalDescriptor

  /// From now on SIGINT, SIGTERM and SIGHUP come to the runs of the points.
  /// - Throws: they cannot be taken.
  init(path: String, plan: SweepPlan, host: SweepRunner.Host) throws(CommandFailure) {
    do throws(SystemError) {
      signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangup])
    } catch { throw CommandFailure(.broken, "\(error)") }
    (self.path, self.plan, self.host) = (path, plan, host)
  }

  /// - Throws: the user asked to stop, and the point is not done; or this machine does not allow what the point asks.
  borrowing func run(_ point: SweepPlan.Point) throws(CommandFailure) -> SweepFolder.Outcome {
    let results = SweepFolder.resultsPath(path, plan, point)
    let began = Clock.monotonicNanoseconds()
    let (status, said, signal) = try spawn(
      [
        "run", "--scenario", SweepFolder.scenarioPath(path, plan.settings[point.setting]), "--seed", "\(point.seed)",
        "--no-model", "--no-report", "--progress", "never", "--json", "--output", "\(path)/\(results)",
        "--work-dir", host.workDirectory, "--state-dir", host.stateDirectory,
      ] + (plan.hasControl ? ["--beside-control"] : []) + (host.pinModulePath.map { ["--pin-module", $0] } ?? []))
    if let signal {
      throw CommandFailure(
        signal == SignalDescriptor.interrupt ? .interrupted : .terminated,
        "the sweep was interrupted; `failover-bench sweep --resume \(path)` goes on with point \(point.number)")
    }
    let duration = Clock.monotonicNanoseconds() - began
    switch ExitStatus(rawValue: status) {
    case .allServicesUp, .serviceStopped:
      return .init(
        point: point.number, status: .done, exitStatus: status, results: results, reason: nil,
        durationNanoseconds: duration)
    case .environment:
      guard said.isEmpty else { throw CommandFailure(.environment, said) }
      throw CommandFailure(
        .environment,
        "point \(point.number), \(plan.settings[point.setting].name): \(reason(results, status)); what is done stays, and once the machine allows it `failover-bench sweep --resume \(path)` goes on"
      )
    default:
      return .init(
        point: point.number, status: .failed, exitStatus: status, results: results,
        reason: said.isEmpty ? reason(results, status) : said, durationNanoseconds: duration)
    }
  }

  /// Why a run that said nothing on standard error did not come to its end: one that was cut off half-way has it in its record only.
  private borrowing func reason(_ results: String, _ status: Int32) -> String {
    (try? RunDirectoryReader.read("\(path)/\(results)"))?.record.incompleteReason ?? "it ended with exit code \(status)"
  }

  /// The exit code, the last line on standard error, and the signal that came. It is passed on: the run puts the host back first.
  private borrowing func spawn(
    _ arguments: [String]
  ) throws(CommandFailure) -> (status: Int32, said: String, signal: Int32?) {
    let log = "/tmp/failover-bench-sweep-\(RunID.random())"
    var received: Int32?
    let (ending, text): (ChildProcess.Ending, String)
    do throws(SystemError) {
      let output = try attempt("open", log) { () throws(Errno) in
        try Descriptor(opening: log, .readWrite, [.create, .exclusiveCreate])
      }
      // It has no name any more; what is written to it goes when it is closed.
      try attempt("remove", log) { () throws(Errno) in try FileSystem.removeFile(log) }
      let child = try ChildProcess(spawning: host.program, arguments, output: output.rawValue)
      while !child.hasEnded(withinNanoseconds: 100_000_000) {
        while let signal = signals.next() {
          received = signal
          child.signal(signal == SignalDescriptor.interrupt ? signal : SignalDescriptor.terminate)
        }
      }
      ending = child.wait()
      text = try KernelFile.read("/proc/self/fd/\(output.rawValue)")
    } catch { throw CommandFailure(.broken, "\(error)") }
    let last = text.split(separator: "\n").last { $0.hasPrefix("failover-bench: ") }.map {
      SingleLine.text($0.dropFirst("failover-bench: ".count))
    }
    return switch ending {
    case .exited(let code): (code, last ?? "", received)
    case .signaled(let signal): (128 + signal, "it was killed by signal \(signal)", received)
    }
  }
}
