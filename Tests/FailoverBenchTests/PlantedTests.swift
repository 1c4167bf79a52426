import CLinux
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import FailoverBench

/// What an unprivileged user may have planted where root is told to work: refused in one line, before anything is touched.
@Suite("hostile places", .serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
final class PlantedTests {
  private static let nobody: UInt32 = 65_534
  private let root: String

  init() throws {
    try Privilege.require()
    root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  private func directory(_ name: String, mode: UInt32 = 0o755, owner: UInt32 = 0) throws -> String {
    let path = "\(root)/\(name)"
    try #require(mkdir(path, 0o700) == 0 && chmod(path, mode) == 0 && lchown(path, owner, owner) == 0)
    return path
  }

  private func link(_ name: String, to target: String, owner: UInt32 = nobody) throws -> String {
    let path = "\(root)/\(name)"
    try #require(symlink(target, path) == 0 && lchown(path, owner, owner) == 0)
    return path
  }

  private func names(_ path: String) throws -> [String] { try Directory.names(in: path).sorted() }

  private func run(_ arguments: [String]) throws -> Command.Answer {
    try Command.run(["run", "--scenario", "quick", "--progress", "never", "--output", "\(root)/results"] + arguments)
  }

  @Test("a work directory that others have a hand in")
  func workDirectory() throws {
    let good = try directory("good")
    let theirs = try directory("theirs", owner: Self.nobody)
    let open = try directory("open", mode: 0o777)
    for path in [theirs, open, good] { try Directory.make(path + "/below") }
    try #require(mkfifo("\(root)/fifo", 0o600) == 0)
    let before = try names(root)
    for (path, expected) in [
      (try link("link", to: good, owner: 0), "it is a symbolic link"), (theirs, "belongs to user 65534"),
      (theirs + "/below", "\(theirs) belongs to user 65534"),
      (open, "others may write to"), (open + "/below", "others may write to \(open)"),
      ("\(root)/fifo", "it is not a directory"),
      (try link("planted", to: good) + "/below", "is a symbolic link of user 65534"),
    ] {
      let answer = try run(["--work-dir", path, "--state-dir", "\(root)/state"])
      let line = answer.errorLines.filter {
        $0.hasPrefix("failover-bench: the run cannot start: ") || $0.hasPrefix("failover-bench: work-dir: ")
      }
      #expect(answer.exitCode == 69 && line.count == 1 && line[0].contains(expected), "\(path): \(answer.error)")
      let profile = try Command.run(["profile", "--mounts", "1", "--work-dir", path, "--state-dir", "\(root)/state"])
      #expect(
        profile.exitCode == 69 && profile.errorLines.count == 1 && profile.error.contains(expected),
        "\(path): \(profile.error)")
    }
    #expect(
      try names(root) == (before + ["link", "planted"]).sorted() && names(theirs) == ["below"]
        && names(open) == ["below"])
  }

  @Test("a state directory that others have a hand in")
  func stateDirectory() throws {
    let good = try directory("good", mode: 0o700)
    let theirs = try directory("theirs", owner: Self.nobody)
    try Directory.make(theirs + "/below")
    let open = try directory("open", mode: 0o777)
    for (path, expected) in [
      (theirs, "belongs to user 65534"), (theirs + "/below", "\(theirs) belongs to user 65534"),
      (open, "group or others may write to it"),
      (open + "/new", "others may write to \(open)"), (try link("link", to: good), "it is a symbolic link"),
      (try link("planted", to: root) + "/good", "is a symbolic link of user 65534"),
    ] {
      for answer in [
        try run(["--work-dir", good, "--state-dir", path]), try Command.run(["cleanup", "--state-dir", path]),
      ] {
        #expect(answer.exitCode == 69 && answer.error.contains(expected), "\(path): \(answer.error)")
        #expect(answer.errorLines.filter { $0.contains(expected) }.count == 1, "\(answer.error)")
      }
    }
    #expect(try names(theirs) == ["below"] && names(open).isEmpty && names(good).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: "\(root)/results"))
  }

  @Test("names that are more than a line", arguments: ["a\nb", "a\u{1b}[2Jb", "a\rb"])
  func lines(_ name: String) throws {
    let good = try directory("good")
    let path = "\(root)/\(name)"
    for arguments in [
      ["run", "--work-dir", path], ["run", "--state-dir", path], ["run", "--scenario", path + ".yaml"],
      ["cleanup", "--state-dir", path],
      ["profile", "--output", path], ["profile", "--work-dir", path], ["doctor", "--work-dir", path], ["report", path],
      ["run", "--scenario", "quick", "--work-dir", good, "--state-dir", "\(root)/state", "--output", path],
      [
        "sweep", "plan", "--testbed", "model", "--set", "scheme=conventional,divided", "--repeat", "7", "--output",
        path,
      ],
      ["model", "--csv", path],
    ] {
      let answer = try Command.expectRefusal(arguments)
      let controls = answer.error.dropLast().unicodeScalars.filter { $0.properties.generalCategory == .control }
      #expect(controls.isEmpty, "\(answer.error.debugDescription)")
    }
    #expect(try names(root) == ["good"])
  }

  @Test("charts are drawn where nobody can plant a link in the place of one")
  func charts() throws {
    let run = try directory("run", owner: Self.nobody)
    try FileManager.default.copyItem(atPath: Checkout.path + "/fixtures/records/run-v1.json", toPath: run + "/run.json")
    let precious = "\(root)/precious"
    try "mine".write(toFile: precious, atomically: false, encoding: .utf8)
    try Directory.make(run + "/figures")
    var planted = 0
    for name in ["cumulative", "close-up", "free-blocks", "data-cache", "free-memory", "stalls", "mounts", "memory"] {
      for suffix in ["svg", "gp", "csv"] {
        try #require(symlink(precious, "\(run)/figures/\(name).\(suffix)") == 0)
        planted += 1
      }
    }
    try #require(symlink(precious, "\(run)/report.html") == 0)
    let answer = try Command.run(["report", run])
    #expect(answer.exitCode == 0, "\(answer.error)")
    #expect(try String(contentsOfFile: precious, encoding: .utf8) == "mine")
    // What was written stands in the place of links, and is itself none.
    var status = stat()
    #expect(clinux_lstat(run + "/report.html", &status) == 0 && status.st_mode & 0o170000 == 0o100000)
    #expect(FileLink.target(of: run + "/figures/mounts.csv") == nil && planted == 24)
    #expect(answer.temporaryFiles.isEmpty)
    // A link in the place of the folder itself is not gone through.
    try FileManager.default.removeItem(atPath: run + "/figures")
    let elsewhere = try directory("elsewhere")
    try #require(symlink(elsewhere, run + "/figures") == 0)
    try Command.expectRefusal(["report", run], naming: ["figures"])
    #expect(try names(elsewhere).isEmpty)
  }

  @Test("root does not go on with somebody else's sweep")
  func sweep() throws {
    let path = "\(root)/sweep"
    let planned = try Command.run([
      "sweep", "plan", "--testbed", "model", "--scheme", "conventional", "--set", "scheme=conventional,divided",
      "--repeat", "1", "--output", path,
    ])
    #expect(planned.exitCode == 0, "\(planned.error)")
    for file in ["plan.json", "runs", "points", ""] {
      try #require(lchown("\(path)/\(file)", Self.nobody, Self.nobody) == 0)
      for arguments in [["sweep", "--resume", path, "--progress", "never"], ["sweep", "point", "1", "--in", path]] {
        let answer = try Command.run(arguments)
        #expect(
          answer.exitCode == 69 && answer.errorLines.count == 1 && answer.error.contains("belongs to user 65534"),
          "\(file): \(answer.error)")
      }
      try #require(lchown("\(path)/\(file)", 0, 0) == 0)
    }
    #expect(try names(path + "/points").isEmpty)
  }

  @Test(
    "settings that name a program of the kernel's are not for a scenario",
    arguments: ["kernel.core_pattern=|/tmp/x", "kernel.modprobe=/tmp/x", "fs.binfmt_misc.register=x"])
  func programs(_ setting: String) throws {
    let answer = try run(["--sysctl", setting])
    #expect(
      answer.exitCode == 64 && answer.errorLines.count == 1
        && answer.error.contains("name a program for the kernel to run"),
      "\(answer.error)")
  }
}
