import CLinux
import LinuxSystem
import PressureProtocol

/// `failover-bench-pressure`: pins single pages and holds contiguous kernel blocks for `failover-bench`, in a process
/// of its own, so that the OOM killer has something to take that is not the measurement.
@main
enum Main {
  /// Exit codes: 0 done, 64 usage, 70 could not start or something of the host could not be restored.
  static func main() {
    let arguments: HelperArguments
    do throws(HelperArguments.UsageError) {
      arguments = try HelperArguments(Array(CommandLine.arguments.dropFirst()))
    } catch {
      complain("\(error)")
      exit(64)
    }
    // The service is dropped before the takeover, and with it all pages: what is restored then may need them.
    switch HelperProcess.serve(arguments) {
    case .quit: exit(0)
    case .notStarted(let failure):
      complain("\(failure.operation): \(failure.explanation)")
      exit(70)
    case .endOfFile:
      switch LastSurvivor.takeOver(arguments) {
      case .supervisorAlive, .restored, .noJournal: exit(0)
      case .leftovers(let lines):
        for line in lines { complain(line) }
        complain("the host could not be restored completely; run `failover-bench cleanup`")
        exit(70)
      }
    }
  }

  private static func complain(_ text: String) {
    StandardError.write("failover-bench-pressure: \(text)\n")
  }
}
