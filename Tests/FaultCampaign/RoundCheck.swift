import CLinux
import Experiment
import LinuxSystem
import RecordFiles

/// Whether a run has ended as its fault asks for: exit code, message, results.
struct RoundCheck {
  let fault: Fault
  let phase: Phase
  let struckInTime: Bool
  /// Whether the failover had begun by the time that the fault had struck: on a busy machine a run gets ahead of its phase.
  let failoverHadBegun: Bool
  let ending: ChildProcess.Ending
  let text: String
  let strike: Strike

  static func phaseSeconds(_ results: String) throws -> [Phase: Double] {
    var seconds: [Phase: Double] = [:]
    for entry in try RunDirectoryReader.read(results).record.phases {
      seconds[entry.phase] = entry.durationNanoseconds.map { Double($0) / 1e9 }
    }
    return seconds
  }

  func problems(results: String) -> [String] {
    do throws(RecordFileError) {
      let record = try RunDirectoryReader.read(results).record
      return problems(record)
    } catch {
      return ["the results cannot be read: \(error)"]
    }
  }

  private func problems(_ record: RunRecord) -> [String] {
    var problems: [String] = []
    let reason = record.incompleteReason ?? ""
    if !isRightEnding { problems.append("the run \(ending): \(text.suffix(500))") }
    switch ending {
    case .exited(0), .exited(1):
      if record.status != .complete {
        problems.append("it \(ending) and its results are \(record.status.rawValue): \(reason)")
      }
      if record.leftovers?.items.isEmpty == false {
        problems.append("it \(ending) and names leftovers: \(record.leftovers?.items ?? [])")
      }
    case .signaled:
      // The last that a killed supervisor has written; all that it had to write was written when it was killed at its very end.
      if record.status == .incomplete { problems.append("its results are incomplete, and it was killed: \(reason)") }
    default:
      // A disk without room keeps the record as it was last written.
      let isKept = record.status == .running && fault == .resultsDiskFull
      if record.status == .complete && record.leftovers?.items.isEmpty == false { break }
      if record.status != .incomplete && !isKept {
        problems.append("it \(ending) and its results are \(record.status.rawValue)")
      }
      if reason.isEmpty && !isKept { problems.append("it \(ending) and its results do not say why") }
      if let words = Self.words(fault), !(reason + text).contains(words) {
        problems.append("it \(ending) and does not say '\(words)': \(reason)")
      }
    }
    return problems
  }

  /// What must be read somewhere when the run did not come to its end.
  private static func words(_ fault: Fault) -> String? {
    switch fault {
    case .supervisorTerminated: "stopping"
    case .testbedKilled, .testbedTerminated, .testbedStopped: "testbed's process"
    case .helperKilled, .helperTerminated, .helperStopped: "pressure helper"
    case .resultsDiskFull: "No space left"
    case .marginHit: "memory margin"
    default: nil
    }
  }

  private var isRightEnding: Bool {
    // What strikes at the very end, or after it, changes nothing; before the last mount most faults must be felt.
    let mayBeTooLate = !struckInTime || failoverHadBegun || phase == .failover || phase == .teardown
    return switch fault {
    case .supervisorKilled, .supervisorStopped, .allKilled, .staleJournal, .journalCut:
      ending == .signaled(SIGKILL) || !struckInTime && ending == .exited(0)
    case .supervisorTerminated: ending == .exited(143) || mayBeTooLate && ending == .exited(0)
    case .testbedKilled, .testbedTerminated, .testbedStopped, .helperKilled, .helperStopped:
      ending == .exited(70) || mayBeTooLate && ending == .exited(0)
    case .resultsDiskFull: ending == .exited(70) || (phase == .teardown || !struckInTime) && ending == .exited(0)
    // Sparse images hold what they have; what they have not ends a service or the run.
    case .imagesDiskFull: [.exited(0), .exited(1), .exited(69), .exited(70)].contains(ending)
    case .imageTruncated, .imageOverwritten: [.exited(0), .exited(1), .exited(70)].contains(ending)
    case .marginHit: ending == .exited(70)
    // The helper is the last that could put the host back, and so it is deaf to what is sent to everybody at a shutdown.
    // Only in its first milliseconds it is not yet.
    case .helperTerminated: ending == .exited(0) || phase == .prepare && ending == .exited(70)
    case .loopDetached, .settingChanged, .secondRun: ending == .exited(0)
    }
  }
}
