import CLinux
import Experiment
import HostJournal
import SystemPackage
import LinuxSystem

/// The host after the fault: put back by those who survive, or by one `cleanup` where nobody does.
struct Aftermath {
  let performer: RoundPerformer
  let check: HostCheck
  let paths: RoundPaths
  let strike: Strike

  func problems(_ fault: Fault, struckInTime: Bool, ending: ChildProcess.Ending) throws -> [String] {
    var problems: [String] = []
    if let present = strike.settingAtStrike {
      problems += try foreignSetting(present)
    }
    guard fault.leavesNobody else {
      return problems + (try left(timeoutNanoseconds: RoundPerformer.timeoutNanoseconds))
    }
    // Where the run was over in time there is nothing to put back.
    switch fault {
    case .staleJournal: problems += try refusedAsLongAsStale(struckInTime && ending == .signaled(SIGKILL))
    case .journalCut: problems += try cutJournal()
    default: problems += try cleanUp()
    }
    problems += try left(timeoutNanoseconds: 0)
    if fault == .staleJournal { problems += try runsAgain() }
    return problems
  }

  private func left(timeoutNanoseconds: UInt64) throws -> [String] {
    try check.differenceAfter(timeoutNanoseconds: timeoutNanoseconds, work: paths.work, state: paths.state)
  }

  private func cleanUp() throws -> [String] {
    let answer = try Answer(
      performer.program, ["cleanup", "--state-dir", paths.state], log: paths.root + "/cleanup.log")
    return answer.ending == .exited(0) ? [] : ["cleanup \(answer.ending): \(answer.text.prefix(600))"]
  }

  /// The value of somebody else must stand; only then it is put back, by its owner.
  private func foreignSetting(_ atStrike: String) throws -> [String] {
    // Survivors may still be at it.
    let ours = strike.fault == .settingChanged && atStrike == "3"
    let present = try Sysctl.read(Strike.setting)
    try Sysctl.write(Strike.setting, check.before.sysctls[Strike.setting] ?? "1")
    var problems: [String] = []
    if present != Strike.foreignValue {
      problems.append(
        "\(Strike.setting) was set to \(Strike.foreignValue) by another (it was \(atStrike)) and is \(present) after the run"
      )
    }
    let text = (try? KernelFile.read(paths.log)) ?? ""
    if ours && !text.contains("left alone: sysctl \(Strike.setting)") {
      problems.append("the run left the other's value of \(Strike.setting) alone and does not say so")
    }
    return problems
  }

  /// A new run is refused, in words that help, until `cleanup` was called.
  private func refusedAsLongAsStale(_ mustBeRefused: Bool) throws -> [String] {
    var problems: [String] = []
    let isStale = ((try? Directory.names(in: paths.state)) ?? []).contains { $0.hasSuffix(".journal") }
    if mustBeRefused && isStale {
      var other = paths
      other.results = paths.root + "/refused"
      let answer = try Answer(
        performer.program, CampaignRun.arguments(other, memory: performer.memory), log: paths.root + "/refused.log")
      if answer.ending != .exited(69) || !answer.text.contains("failover-bench cleanup") {
        problems.append("beside a stale journal a run \(answer.ending): \(answer.text.prefix(300))")
      }
    }
    return problems + (try cleanUp())
  }

  private func runsAgain() throws -> [String] {
    var other = paths
    other.results = paths.root + "/again"
    let answer = try Answer(
      performer.program, CampaignRun.arguments(other, memory: performer.memory), log: paths.root + "/again.log")
    return answer.ending == .exited(0) ? [] : ["after cleanup a run \(answer.ending): \(answer.text.suffix(600))"]
  }

  /// Cuts the journal at any byte. `cleanup` puts back what the rest of it tells, neither more nor with a crash; and with the whole journal
  /// everything. (A real crash tears no more than the line being written, whose change was not made yet: there the first is all.)
  private func cutJournal() throws -> [String] {
    guard let name = try? Directory.names(in: paths.state).first(where: { $0.hasSuffix(".journal") }) else {
      return try cleanUp()
    }
    let path = paths.state + "/" + name
    let whole = try KernelFile.read(path)
    var random = strike.random
    let length = Int(random.below(UInt64(whole.utf8.count)))
    try systemCall("truncate", path) { truncate(path, length) }
    let answer = try Answer(
      performer.program, ["cleanup", "--state-dir", paths.state], log: paths.root + "/cleanup-cut.log")
    var problems: [String] = []
    switch answer.ending {
    case .exited(0), .exited(70): break
    default: problems.append("cleanup of a journal cut at byte \(length) \(answer.ending): \(answer.text.prefix(600))")
    }
    if try left(timeoutNanoseconds: 0).isEmpty { return problems }
    unlink(path)
    let file = try Descriptor(opening: path, .readWrite, [.create, .exclusiveCreate])
    let bytes = Array(whole.utf8)
    try systemCall("write", path) { bytes.withUnsafeBytes { write(file.rawValue, $0.baseAddress, $0.count) } }
    try file.close()
    return problems + (try cleanUp())
  }
}
