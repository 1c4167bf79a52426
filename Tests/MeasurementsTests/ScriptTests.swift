import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import Measurements

/// How the scripts read their options.
@Suite struct ScriptTests {
  private struct Answer {
    let exitCode: Int32
    let output: String
    let error: String
  }

  private static func run(_ program: String, _ arguments: [String], _ folder: TemporaryFolder) throws -> Answer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    try folder.write("", named: "output")
    try folder.write("", named: "error")
    process.standardOutput = FileHandle(forWritingAtPath: folder.path + "/output")
    process.standardError = FileHandle(forWritingAtPath: folder.path + "/error")
    try process.run()
    process.waitUntilExit()
    return Answer(
      exitCode: process.terminationStatus, output: try KernelFile.read(folder.path + "/output"),
      error: try KernelFile.read(folder.path + "/error"))
  }

  /// A script with these options, in a folder with a blank in its name.
  private static func parse(_ known: String, _ arguments: [String]) throws -> Answer {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      #!/usr/bin/env bash
      # What it does:
      #   script [--tag NAME]
      set -euo pipefail
      . '\(Checkout.path)/scripts/common.sh'
      tag=none local_base=false append=() disk=()
      parse_options '\(known)' "$@"
      expect --tag "$tag" '[a-z ]*' 'small letters'
      show() { printf '<%s>' "$@"; }
      printf 'tag %s base %s append %s disk %s operands %s\\n' "$(show "$tag")" "$local_base" "$(show "${append[@]}")" \\
        "$(show "${disk[@]}")" "$(show "${operands[@]}")"

      """, named: "a folder/script")
    return try run("/bin/bash", ["\(folder.path)/a folder/script"] + arguments, folder)
  }

  private static let known = "tag= append=+ disk=+ local-base"

  @Test(
    arguments: [
      (known, [], "tag <none> base false append <> disk <> operands <>"),
      (known, ["--tag", "a b", "--local-base"], "tag <a b> base true append <> disk <> operands <>"),
      (known, ["--tag=a", "--tag="], "tag <> base false append <> disk <> operands <>"),
      (
        known, ["--append", "x=1", "--disk=d", "--append=y z"],
        "tag <none> base false append <x=1><y z> disk <d> operands <>"
      ),
      // A value may look like an option.
      (known, ["--append", "--tag"], "tag <none> base false append <--tag> disk <> operands <>"),
      // Behind the first argument everything is somebody else's.
      (
        "tag= KERNEL", ["--tag", "a", "6.1", "--tag", "b"],
        "tag <a> base false append <> disk <> operands <6.1><--tag><b>"
      ),
      ("tag= KERNEL", ["-"], "tag <none> base false append <> disk <> operands <->"),
      // What is not known is kept, in its order.
      (
        "local-base ...", ["--filter", "a b", "--local-base", "--tag=x"],
        "tag <none> base true append <> disk <> operands <--filter><a b><--tag=x>"
      ),
    ] as [(String, [String], String)])
  func optionsAreRead(known: String, arguments: [String], expected: String) throws {
    let answer = try Self.parse(known, arguments)
    #expect(answer.output == expected + "\n")
    #expect(answer.exitCode == 0)
    #expect(answer.error == "")
  }

  @Test(
    arguments: [
      (["--colour"], "unknown option --colour; see --help"), (["-x"], "unknown option -x; see --help"),
      (["--local-base=yes"], "unknown option --local-base=yes; see --help"),
      (["--tag local-base"], "unknown option --tag local-base; see --help"),
      (["--tag"], "missing value for --tag; see --help"),
      (["there"], "unexpected argument 'there'; see --help"),
      (["--tag", "A"], "invalid value 'A' for --tag: expected small letters"),
      (["--tag", "a\nB"], "invalid value 'a\nB' for --tag: expected small letters"),
    ] as [([String], String)])
  func whatIsWrongIsSaid(arguments: [String], error: String) throws {
    let answer = try Self.parse(Self.known, arguments)
    #expect(answer.exitCode == 64)
    #expect(answer.output == "")
    #expect(answer.error == "failover-bench: \(error)\n")
  }

  @Test(arguments: ["--help", "-h"]) func theHelpIsTheCommentAtTheHead(option: String) throws {
    let answer = try Self.parse(Self.known, ["--local-base", option])
    #expect(answer.output == "What it does:\n  script [--tag NAME]\n")
    #expect(answer.exitCode == 0)
  }

  /// All that can be run, but failover-bench, which passes every option on. They say so without root, and before they do anything.
  @Test(
    arguments: try FileManager.default.contentsOfDirectory(atPath: "\(Checkout.path)/scripts").filter {
      $0 != "failover-bench" && !$0.contains(".") && !TextFile.isDirectory("\(Checkout.path)/scripts/\($0)")
    }.sorted())
  func everyScriptHasItsHelp(script: String) throws {
    let folder = try TemporaryFolder()
    let path = "\(Checkout.path)/scripts/\(script)"
    let help = try Self.run(path, ["--help"], folder)
    #expect(help.exitCode == 0)
    #expect(help.output.contains("scripts/\(script)"))
    #expect(help.error == "")
    guard !["fault-campaign", "test"].contains(script) else { return }
    let unknown = try Self.run(path, ["--no-such-option"], folder)
    #expect(unknown.exitCode == 64)
    #expect(unknown.error == "failover-bench: unknown option --no-such-option; see --help\n")
  }
}
