import Dispatch
import Experiment
import LinuxSystem
public import RecordFiles
public import Supervision
import Synchronization

/// Runs the points of a planned sweep. On the real kernel each is a `failover-bench run` of its own, which puts the host back before the next
/// begins, and whose end, however bad, is not the sweep's.
public struct SweepRunner: Sendable {
  /// What each run of the real kernel is given.
  public struct Host: Sendable {
    /// `failover-bench` itself.
    let program: String
    let workDirectory: String
    let stateDirectory: String
    let pinModulePath: String?

    /// - Parameters:
    ///   - program: `failover-bench` itself.
    ///   - pinModulePath: nil for where it is looked for by default.
    public init(program: String, workDirectory: String, stateDirectory: String, pinModulePath: String?) {
      (self.program, self.workDirectory, self.stateDirectory) = (program, workDirectory, stateDirectory)
      self.pinModulePath = pinModulePath
    }
  }

  private enum Machine {
    case linux(Host)
    case model(ModelPoint)
  }

  public let plan: SweepPlan
  private let path: String
  private let machine: Machine

  /// - Parameters:
  ///   - tool: the name and version of the program, for the records of the simulated machine.
  ///   - mountTable: for its results.
  ///   - host: asked only where the sweep is of the real kernel.
  /// - Throws: there is no plan that can be read, or what `host` throws.
  public init(
    path: String, tool: String, mountTable: RunRecorder.MountTable, host: () throws -> Host
  ) throws {
    do throws(RecordFileError) { plan = try SweepFolder.plan(path) } catch { throw CommandFailure(.usage, "\(error)") }
    self.path = path
    machine =
      switch plan.machine {
      case .linux: .linux(try host())
      case .model: .model(ModelPoint(path: path, plan: plan, tool: tool, mountTable: mountTable))
      }
  }

  /// A plan says which settings of the kernel root changes, so it is not taken from a directory that others can reach.
  /// - Throws: they can.
  public static func checkTrust(_ path: String) throws(CommandFailure) {
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

  /// What the points have come to so far, by number.
  /// - Throws: it cannot be read.
  public func outcomes() throws(CommandFailure) -> [Int: SweepFolder.Outcome] {
    do throws(RecordFileError) { return try SweepFolder.outcomes(path, plan) } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }

  /// The points that are not done yet, in the order of the plan.
  /// - Parameter retryingFailed: also those that broke.
  public func pending(_ outcomes: [Int: SweepFolder.Outcome], retryingFailed: Bool) -> [SweepPlan.Point] {
    plan.points.filter { point in outcomes[point.number].map { retryingFailed && $0.status == .failed } ?? true }
  }

  /// Runs points, those of the real kernel one after the other and those of the model on all processors.
  ///
  /// - Parameter didEnd: called on any thread, one call at a time.
  /// - Throws: a point cannot be run, its outcome cannot be written, or the user asked to stop. What was done until then stays.
  public func run(
    _ points: [SweepPlan.Point], didEnd: @Sendable (SweepPlan.Point, SweepFolder.Outcome) -> Void
  ) throws(CommandFailure) {
    switch machine {
    case .linux(let host):
      let linux = try LinuxPoint(path: path, plan: plan, host: host)
      for point in points { didEnd(point, try written(linux.run(point))) }
    case .model(let model):
      let failure = Mutex<CommandFailure?>(nil)
      DispatchQueue.concurrentPerform(iterations: points.count) { index in
        if failure.withLock({ $0 != nil }) { return }
        do throws(CommandFailure) {
          let outcome = try written(model.run(points[index]))
          failure.withLock { _ in didEnd(points[index], outcome) }
        } catch { failure.withLock { $0 = $0 ?? error } }
      }
      if let failure = failure.withLock({ $0 }) { throw failure }
    }
  }

  /// Runs one point.
  /// - Throws: as ``run(_:didEnd:)``.
  public func run(_ point: SweepPlan.Point) throws(CommandFailure) -> SweepFolder.Outcome {
    switch machine {
    case .linux(let host): try written(LinuxPoint(path: path, plan: plan, host: host).run(point))
    case .model(let model): try written(model.run(point))
    }
  }

  private func written(_ outcome: SweepFolder.Outcome) throws(CommandFailure) -> SweepFolder.Outcome {
    do throws(RecordFileError) {
      try SweepStore(existing: try ResultsFolder.open(path, owner: FileOwner.behindSudo)).write(outcome)
      return outcome
    } catch { throw CommandFailure(.broken, "\(error)") }
  }
}
