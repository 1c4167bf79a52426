import ArgumentParser
import HostJournal
import Supervision
import SystemPackage

struct CleanupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup",
    abstract: "Undo what killed runs have changed on the host; safe to run any number of times.",
    discussion: "Touches only what a journal in the state directory records.")

  @OptionGroup(title: "Host") var hostOptions: HostOptions

  func run() throws {
    let state = FilePath(try hostOptions.absoluteStateDirectory())
    let journals: [FilePath]
    do throws(JournalError) { journals = try JournalDirectory.list(state) } catch {
      throw CommandFailure(.environment, "\(error)")
    }
    guard !journals.isEmpty else {
      print("nothing to clean up: no journal in \(state)")
      return
    }
    // The lock says that no process of any run is left, those of other containers included.
    let lock: HostLock
    do throws(JournalError) { lock = try HostLock.acquire(stateDirectory: state) } catch {
      throw CommandFailure(.environment, "\(error)")
    }
    var isClean = true
    for journal in journals {
      let report = JournalRestorer(LinuxHostOperations())
        .restore(journal: journal, timeout: .seconds(30), authority: .hostLockHeld)
      for line in report.lines { print(line) }
      if !report.isClean { isClean = false }
    }
    do throws(JournalError) { try lock.release() } catch { throw CommandFailure(.broken, "\(error)") }
    print(isClean ? "the host is as before" : "not everything could be restored; see above, then run cleanup again")
    if !isClean { throw ExitCode(ExitStatus.broken.rawValue) }
  }
}
