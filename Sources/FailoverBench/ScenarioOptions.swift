import ArgumentParser
import Experiment
import Foundation
import MemoryModel
import RecordFiles

/// The scenario and every key of it, as options.
struct ScenarioOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What to do: paper-env2, paper-env1, quick, or a YAML file.", valueName: "name|file"))
  var scenario = "paper-env2"

  @Option(help: ArgumentHelp("Make the machine as small as this; none leaves it as it is.", valueName: "size|none"))
  var memory: String?
  @Option(help: ArgumentHelp("File systems that fail over.", valueName: "n"))
  var filesystems: String?
  @Option(help: ArgumentHelp("Size of each, 300MiB at least.", valueName: "size"))
  var filesystemSize: String?
  @Option(help: ArgumentHelp("Files that the workload creates.", valueName: "n"))
  var files: String?
  @Option(help: ArgumentHelp("Files in one directory.", valueName: "n"))
  var filesPerDirectory: String?
  @Option(help: ArgumentHelp("Writes to files chosen at random.", valueName: "n"))
  var rewrites: String?
  @Option(help: ArgumentHelp("Bytes of each write, 1B to 4096B.", valueName: "size"))
  var writeSize: String?
  @Flag(inversion: .prefixedNo, help: "Reclaim data before inodes (vm.vfs_cache_pressure = 1), the paper's inode residency.")
  var inodeResident: Bool?
  @Option(help: ArgumentHelp("Snapshot-like memory to pin.", valueName: "size"))
  var pin: String?
  @Option(help: ArgumentHelp("Pin by pipe (unmovable pages) or by mlock (movable ones, the control).", valueName: "pipe|mlock"))
  var pinBackend: String?
  @Option(
    help: ArgumentHelp(
      "Environment 1: PINNED:TRANSIENT pages in place of populate, rewrite and pin.", valueName: "a:b|none"))
  var pattern: String?
  @Option(
    help: ArgumentHelp(
      "Contiguous blocks that each mount holds: none, paper, a list such as 64kB*60, or profile:FILE of `failover-bench profile`.",
      valueName: "demand"))
  var mountDemand: String?
  @Option(help: ArgumentHelp("Ask again for a block that cannot be had, or once.", valueName: "until-timeout|once"))
  var demandRetry: String?
  @Option(help: ArgumentHelp("When a mount counts as stopped.", valueName: "duration"))
  var mountTimeout: String?
  @Flag(inversion: .prefixedNo, help: "Go on behind a stopped service.")
  var keepGoing: Bool?
  @Flag(inversion: .prefixedNo, help: "Volumes with a dirty log, as after the death of a node.")
  var crashedVolumes: Bool?
  @Option(
    help: ArgumentHelp(
      "A kernel setting; @failover sets it only before the mounts. May be repeated.", valueName: "key=value[@failover]"))
  var sysctl: [String] = []
  @Option(
    help: ArgumentHelp("A quantity of the model; `failover-bench model --parameters` lists them. May be repeated.", valueName: "key=value"))
  var set: [String] = []
  @Option(help: ArgumentHelp("Seed of every random choice.", valueName: "n"))
  var seed: String?

  /// The scenario with the options laid over it. Throws one line that names key, value and what is allowed.
  func resolve() throws -> Scenario {
    var resolved = try Self.load(scenario)
    let texts: [(ScenarioKey, String?)] = [
      (.memory, memory), (.filesystems, filesystems), (.filesystemSize, filesystemSize), (.files, files),
      (.filesPerDirectory, filesPerDirectory), (.rewrites, rewrites), (.writeSize, writeSize),
      (.inodeResident, inodeResident.map { "\($0)" }), (.pin, pin), (.pinBackend, pinBackend), (.pattern, pattern),
      (.mountDemand, try mountDemand.map(Self.demand)), (.demandRetry, demandRetry), (.mountTimeout, mountTimeout),
      (.keepGoing, keepGoing.map { "\($0)" }), (.crashedVolumes, crashedVolumes.map { "\($0)" }), (.seed, seed),
    ]
    do throws(ScenarioError) {
      for case (let key, let text?) in texts { try resolved.set(key, text) }
      for text in sysctl { try resolved.set(.sysctl, text) }
      for text in set { try resolved.set(.set, text) }
      try resolved.validate()
      // The keys of --set; what memory the model can have is nothing to the real machine.
      _ = try ModelParameters(resolved, isOfToday: true)
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
    return resolved
  }

  /// What is recorded does not hang on the file.
  static func demand(_ text: String) throws -> String {
    do throws(RecordFileError) { return try ProfileFile.resolvedDemand(text) } catch {
      throw CommandFailure(.usage, "mount-demand: \(error)")
    }
  }

  /// The built-in scenario of this name, or that of this file.
  static func load(_ scenario: String) throws -> Scenario {
    do {
      if BuiltInScenarios.names.contains(scenario) { return try BuiltInScenarios.named(scenario) }
      guard scenario.hasSuffix(".yaml") || scenario.hasSuffix(".yml") else {
        throw CommandFailure(
          .usage,
          "scenario: '\(scenario.prefix(120))' is not allowed; allowed: \(BuiltInScenarios.names.joined(separator: ", ")), or a file "
            + "that ends in .yaml")
      }
      return try ScenarioFile.read(path: scenario)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.usage, "\(error)")
    }
  }
}
