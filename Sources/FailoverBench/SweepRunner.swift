import ArgumentParser
import Experiment
import Foundation
import LinuxHost
import LinuxSystem
import RecordFiles
import Supervision
import Sweeps
import Synchronization

/// Runs the points of a planned sweep. On the real kernel each is a `failover-bench run` of its own, which puts the host back before the next
/// begins, and whose end, however bad, is not the sweep's.
struct SweepRunner {
  private let path: String
  private let host: HostOptions
  private let isSilent: Bool
  private let plan: SweepPlan

  init(path: String, host: HostOptions, progress: ProgressPrinter.Mode) throws {
    self.path = path
    self.host = host
    isSilent = progress == .never
    do throws(RecordFileError) { plan = try SweepFolder.plan(path) } catch { throw CommandFailure(.usage, "\(error)") }
  }

  /// A plan says which settings of the kernel root changes, so it is not taken from a directory that others can reach.
  static func checkTrust(_ path: String) throws {
    guard User.isRoot else { return }
    let owner = FileOwner.behindSudo
    let owners = owner.map { TrustedPath.Owners.ours(and: $0.userID, group: $0.groupID) } ?? .ours
    for file in [path, path + "/plan.json", path + "/runs", path + "/points"] {
      guard let flaw = TrustedPath(file, owners: owners).flaw else { continue }
      throw CommandFailure(
        .environment,
        "sweep: \(SingleLine.text(flaw)), and so could tell root what to do; copy the sweep to a directory of your own, or plan it again"
      )
    }
  }

  /// Every point that is not done yet, in the order of the plan.
  func runAll(retryFailed: Bool) throws {
    let known = try outcomes()
    let pending = plan.points.filter { point in known[point.number].map { retryFailed && $0.status == .failed } ?? true
    }
    if pending.count < plan.points.count {
      say("\(plan.points.count - pending.count) of \(plan.points.count) points are done already")
    }
    guard !pending.isEmpty else { return }
    switch plan.machine {
    case .linux: try runOnLinux(pending, known)
    case .model: try runOnModel(pending)
    }
  }

  /// One point by itself.
  func runOne(_ number: Int, again: Bool) throws -> SweepFolder.Outcome {
    guard plan.points.indices.contains(number - 1) else {
      throw CommandFailure(invalid: "\(number)", for: "the point", expected: "1 to \(plan.points.count)")
    }
    if !again, let done = try outcomes()[number] { return done }
    let point = plan.points[number - 1]
    let outcome: SweepFolder.Outcome
    switch plan.machine {
    case .linux: outcome = try LinuxPoint(path: path, plan: plan, host: host, signals: Self.signals()).run(point)
    case .model: outcome = try ModelPoint(path: path, plan: plan).run(point)
    }
    try write(outcome)
    return outcome
  }

  private func runOnLinux(_ pending: [SweepPlan.Point], _ known: [Int: SweepFolder.Outcome]) throws {
    let linux = try LinuxPoint(path: path, plan: plan, host: host, signals: Self.signals())
    var durations = known.values.map(\.durationNanoseconds)
    for (index, point) in pending.enumerated() {
      let outcome: SweepFolder.Outcome
      do { outcome = try linux.run(point) } catch let interruption as LinuxPoint.Interruption {
        StandardError.write(
          "failover-bench: the sweep was interrupted; `failover-bench sweep --resume \(path)` goes on with point \(point.number)\n"
        )
        throw ExitCode(interruption.exitStatus)
      }
      try write(outcome)
      durations.append(outcome.durationNanoseconds)
      let mean = durations.reduce(0, +) / UInt64(durations.count)
      say(line(point, outcome, left: pending.count - index - 1, eachNanoseconds: mean))
    }
  }

  /// `point 7 of 18: vm.min_free_kbytes=67584, run 2: done in 98 s; about 18 min left`.
  private func line(_ point: SweepPlan.Point, _ outcome: SweepFolder.Outcome, left: Int, eachNanoseconds: UInt64)
    -> String
  {
    let setting = zip(plan.knobs, plan.settings[point.setting].values).map { "\($0.name)=\($1)" }.joined(
      separator: ", ")
    let what = outcome.status == .done ? "done" : "failed (\(outcome.reason ?? "no reason was recorded"))"
    let text =
      "point \(point.number) of \(plan.points.count): \(SingleLine.text(setting)), run \(point.repetition): \(what) in \(Self.time(outcome.durationNanoseconds))"
    return left == 0 ? text : "\(text); about \(Self.time(eachNanoseconds * UInt64(left))) left"
  }

  private static func time(_ nanoseconds: UInt64) -> String {
    let seconds = (nanoseconds + 500_000_000) / 1_000_000_000
    return seconds < 120 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
  }

  private func runOnModel(_ pending: [SweepPlan.Point]) throws {
    let printer = CountPrinter(isSilent ? .never : .auto)
    let finished = Mutex<(count: Int, failure: (any Error)?)>((0, nil))
    let model = ModelPoint(path: path, plan: plan)
    DispatchQueue.concurrentPerform(iterations: pending.count) { index in
      if finished.withLock({ $0.failure != nil }) { return }
      do {
        try write(try model.run(pending[index]))
        finished.withLock {
          $0.count += 1
          printer.show($0.count, of: pending.count)
        }
      } catch { finished.withLock { $0.failure = $0.failure ?? error } }
    }
    printer.end()
    if let failure = finished.withLock({ $0.failure }) { throw failure }
  }

  private func outcomes() throws -> [Int: SweepFolder.Outcome] {
    do throws(RecordFileError) { return try SweepFolder.outcomes(path, plan) } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }

  private func write(_ outcome: SweepFolder.Outcome) throws {
    do throws(RecordFileError) {
      try SweepStore(existing: try ResultsFolder.open(path, owner: FileOwner.behindSudo)).write(outcome)
    } catch { throw CommandFailure(.broken, "\(error)") }
  }

  private func say(_ text: String) { if !isSilent { StandardError.write("failover-bench: \(text)\n") } }

  private static func signals() throws -> SignalDescriptor {
    do throws(SystemError) {
      return try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangup])
    } catch {
      throw CommandFailure(.broken, "\(error)")
    }
  }
}
