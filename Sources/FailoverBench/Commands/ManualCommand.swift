import Supervision
import ArgumentParser
import Foundation

/// Prints the manual page; `scripts/install` and the container image put it where man(1) looks.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, in the language of man(7).", shouldDisplay: false)

  @Option(help: ArgumentHelp("The date on the page; by default today's.", valueName: "yyyy-mm-dd")) var date: String?

  func run() throws {
    let given = date ?? Date().formatted(.iso8601.year().month().day())
    guard given.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
      throw CommandFailure(invalid: given, for: "--date", expected: "a date such as 2026-01-31")
    }
    print(try Self.page(date: given).text(), terminator: "")
  }

  static func page(date: String) throws -> ManualPage {
    ManualPage(dump: try .ofThisProgram(), version: FailoverBenchCommand.version, date: date, appendix: appendix)
  }

  private static let appendix: [ManualPage.Section] = [
    .init(
      title: "FILES",
      content: .items([
        .init(
          name: "/run/failover-bench",
          text: "The journal of what a run changes on the host, kept until it is put back (`--state-dir`)."),
        .init(name: "/var/tmp/failover-bench-*", text: "Images and mount points while a run lasts (`--work-dir`)."),
        .init(
          name: "results/TIME-SCENARIO",
          text:
            "The results of a run: run.json (everything, versioned), mounts.csv, model.csv, report.html, observations.ndjson, texts and log of the kernel."
        ),
      ])),
    .init(
      title: "EXAMPLES",
      content: .examples([
        .init(name: "sudo failover-bench doctor", text: "See whether this machine has all that a run needs:"),
        .init(name: "sudo failover-bench run", text: "The paper's environment 2, all of it:"),
        .init(
          name: "sudo failover-bench run --scenario paper-env1 --mount-demand '64kB*60'",
          text: "Environment 1, where each mount holds sixty contiguous blocks of 64 kB:"),
        .init(
          name: "sudo failover-bench run --sysctl vm.min_free_kbytes=262144@failover",
          text: "The same machine with a setting under test:"),
        .init(
          name: """
            sudo failover-bench profile --file-system xfs --output xfs.json
            sudo failover-bench run --scenario paper-env1 --mount-demand profile:xfs.json
            """,
          text: "What a mount of today asks of the page allocator, and a run in which each mount asks for it once more:"
        ),
        .init(
          name:
            "sudo failover-bench sweep --scenario paper-env1 --fix 'mount-demand=64kB*60' --set vm.min_free_kbytes=16384,67584,262144",
          text: "Which of three settings brings more services back:"),
        .init(
          name: "failover-bench gate results/one --require 'services.completed == 128'", text: "A run as a CI test:"),
        .init(name: "sudo failover-bench cleanup", text: "Put the host back after runs that were killed:"),
      ])),
    .init(title: "SEE ALSO", content: .text("`mount`(2), `mkfs.xfs`(8), `proc`(5)")),
  ]
}
