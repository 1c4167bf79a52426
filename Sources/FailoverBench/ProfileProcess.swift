import Experiment
import Foundation
import HostJournal
import LinuxHost
import LinuxSystem
import SystemPackage

/// What the supervisor tells the profile's process: the first line over the link.
struct ProfileJob: Codable {
  var configuration: MountProfiler.Configuration
  var journalPath: String
}

/// The process that mounts and traces. It is this program started anew with ``argument`` and two descriptors: 3 is the link to
/// the supervisor, 5 this run's share in the lock of the host.
enum ProfileProcess {
  static let argument = "profile-process"
  /// Before the measurement, on a line of its own; all other lines are events.
  static let measurementMark = "measurement "

  static func run() -> Int32 {
    do {
      try MountNamespace.enter()
      var link = try LineChannel(adopting: TestbedProcess.linkDescriptor)
      // Should the supervisor be killed, no other run may begin before this one has put the host back.
      let lock = try HostLock.adopt(inherited: TestbedProcess.lockDescriptor)
      guard case .line(let line) = try link.receive(withinNanoseconds: 60_000_000_000) else { return ExitStatus.broken.rawValue }
      let job = try JSONDecoder().decode(ProfileJob.self, from: Data(line.utf8))
      let context = LinkContext(link)
      do {
        let measurement = try MountProfiler.measure(
          job.configuration, journal: try Journal.open(FilePath(job.journalPath)), context)
        context.send(measurementMark + String(decoding: try JSONEncoder().encode(measurement), as: UTF8.self))
        context.report(.ended(.completed, Leftovers()))
      } catch {
        let failure = error as? TestbedFailure ?? TestbedFailure(.fault, operation: "profile", reason: "\(error)")
        context.report(.ended(.failed(failure), Leftovers()))
      }
      if !context.waitUntilReleased() { TestbedProcess.restore(FilePath(job.journalPath)) }
      try lock.release()
      return 0
    } catch {
      // The supervisor sees the end of the link; the reason goes where the user looks.
      StandardError.write("failover-bench: \(error)\n")
      return ((error as? TestbedFailure)?.kind == .fault ? ExitStatus.broken : .environment).rawValue
    }
  }
}
