import ArgumentParser
import Experiment
import Foundation
import LinuxHost
import LinuxSystem
import Supervision

/// For scripts/bench-workload: the workload alone, on a directory that somebody else has prepared.
struct BenchWorkloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-workload", shouldDisplay: false)

  @Option var directory: String
  @Option var files: UInt64 = 100_000
  @Option var filesPerDirectory: UInt64 = 1_000
  @Option var rewrites: UInt64 = 100_000
  @Option var writeSize = 16
  @Option var seed: UInt64 = 1

  private struct Result: Encodable {
    let populateNanoseconds: UInt64
    let rewriteNanoseconds: UInt64
    let populateP99Nanoseconds: UInt64?
    let rewriteP99Nanoseconds: UInt64?
  }

  func run() throws {
    guard (1...4096).contains(writeSize), files > 0, filesPerDirectory > 0 else {
      throw CommandFailure(.usage, "files, files-per-directory and write-size (1 to 4096) must be above 0")
    }
    let context = FreeContext()
    do throws(TestbedFailure) {
      var workload = try FileWorkload(
        directory: directory, files: files, filesPerDirectory: filesPerDirectory, writeBytes: writeSize, seed: seed)
      let populated = try workload.populate(context)
      let rewritten = try workload.rewrite(count: rewrites, context)
      let result = Result(
        populateNanoseconds: populated.durationNanoseconds, rewriteNanoseconds: rewritten.durationNanoseconds,
        populateP99Nanoseconds: populated.percentile(99),
        rewriteP99Nanoseconds: rewritten.percentile(99))
      printJSON(result)
    } catch {
      throw CommandFailure(.broken, "\(error)")
    }
  }

  private func printJSON(_ result: Result) {
    guard let data = try? JSONEncoder().encode(result) else { return }
    print(String(decoding: data, as: UTF8.self))
  }
}

/// For scripts/bench-workload: what libmount itself costs for one mount, all of it but the system call.
struct BenchLibmountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-libmount", shouldDisplay: false)

  @Option var rounds = 1_000

  func run() throws {
    do throws(TestbedFailure) {
      let median = try FakeMount.medianNanoseconds(rounds: rounds)
      print("{\"medianNanoseconds\":\(median),\"rounds\":\(rounds)}")
    } catch {
      throw CommandFailure(.broken, "\(error)")
    }
  }
}

/// For work that nobody follows and nobody cancels.
private struct FreeContext: RunContext {
  func monotonicNanoseconds() -> UInt64 { Clock.monotonicNanoseconds() }
  func checkpoint() throws(TestbedFailure) {}
  func progress(done: UInt64, total: UInt64) {}
  func report(_ event: RunEvent) {}
}
