import ArgumentParser
import Experiment
import LinuxHost
import LinuxSystem
import Supervision

/// Where a run puts things on this machine.
struct HostOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where images and mount points are put while the run lasts.", valueName: "dir"),
    completion: .directory)
  var workDir = "/var/tmp"

  @Option(
    help: ArgumentHelp(
      "Where the journal of changes to the host is kept; in a container a directory of the host.", valueName: "dir"),
    completion: .directory)
  var stateDir = "/run/failover-bench"

  @Option(
    help: ArgumentHelp(
      "The kernel module that --pin-backend snapmeta loads (default: where `make modules_install` puts it).",
      valueName: "file"),
    completion: .file())
  var pinModule: String?

  /// The absolute path of `workDir`; mkfs and the kernel get paths from it in other directories.
  func absoluteWorkDirectory() throws -> String { try Self.absolute(workDir, option: "work-dir") }
  func absoluteStateDirectory() throws -> String { try Self.absolute(stateDir, option: "state-dir") }

  private static func absolute(_ path: String, option: String) throws -> String {
    guard !path.isEmpty, !path.contains("\0"), SingleLine.text(path, limit: path.count) == path else {
      throw CommandFailure(
        invalid: path, for: "--\(option)",
        expected: "the path of a directory, without line breaks and control characters")
    }
    guard path.hasPrefix("/") || FileLink.target(of: "/proc/self/cwd") != nil else {
      throw CommandFailure(invalid: path, for: "--\(option)", expected: "an absolute path")
    }
    let full = path.hasPrefix("/") ? path : FileLink.target(of: "/proc/self/cwd")! + "/" + path
    // The kernel and libmount get canonical paths. The last component stays as it was given: the checks refuse it as a link.
    var components = full.split(separator: "/").map(String.init)
    guard let last = components.popLast(), last != "..", last != "." else { return try Self.walked(full, option) }
    let parent = try Self.walked("/" + components.joined(separator: "/"), option)
    return (parent == "/" ? "" : parent) + "/" + last
  }

  /// Root's links are followed, such as a /var/tmp that leads to another disk. A link that somebody else has planted is not.
  private static func walked(_ path: String, _ option: String) throws -> String {
    // With a component behind it, so that the last one counts as on the way.
    let walk = TrustedPath(path + "/.")
    if let link = walk.plantedLink {
      throw CommandFailure(.environment, "\(option): \(link); name the directory that it leads to")
    }
    return walk.canonical
  }
}
