import Experiment
import Foundation
import LinuxSystem
import RecordFiles
import TestSupport
import Testing

/// A failover of this machine's kernel that is traced.
@Suite("traced runs on the real host", .serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct TracedRunTests {
  init() throws { try Privilege.require() }

  @Test("what each mount and each service asks for is in a file, and no trace instance is left")
  func traced() throws {
    let root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
    try Directory.make(root + "/work")
    defer { try? FileManager.default.removeItem(atPath: root) }
    let before = try RunningCommand.snapshot()
    let answer = try Command.run([
      "run", "--scenario", "quick", "--trace", "--filesystems", "4", "--files", "100", "--rewrites", "100", "--pin",
      "1MiB", "--mount-demand", "64kB*1", "--service-files", "8", "--no-model", "--no-report", "--output",
      root + "/results", "--work-dir", root + "/work", "--state-dir", root + "/state",
    ])
    #expect(answer.exitCode == 0, "\(answer.error)")
    try RunningCommand.expectAsBefore(root, before, answer.error)
    let record = try RunDirectoryReader.read(root + "/results").record
    let totals = try #require(record.allocations, "\(record.warnings)")
    #expect(totals.lostEvents == 0 && totals.bufferBytes > 0)
    #expect(totals.compaction?.incompleteCalls == 0 && totals.directReclaim?.incompleteCalls == 0)
    #expect(answer.output.contains("\nasked of the allocator "))
    let rows = try KernelFile.read(root + "/results/allocations.csv").split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.allSatisfy { $0.count == 10 } && rows.last?[3] == "lost" && rows.last?[8] == "0")
    // A mount of XFS takes blocks of order 3 for its log; the helper holds one of order 4 for each.
    for mount in 1...4 {
      for (part, whose, order) in [("mount", "own", "3"), ("demand", "others", "4")] {
        #expect(
          rows.contains {
            $0[0] == "\(mount)" && $0[1] == part && $0[2] == whose && $0[3] == "allocation" && $0[4] == order
          },
          "mount \(mount) \(part)")
      }
    }
  }
}
