import CLinux
import Experiment
@testable import LinuxHost
import LinuxSystem
import SystemPackage
import Testing

/// The services' work, in a directory of the tests: it needs no volume.
@Suite struct ServiceWorkerTests {
  private static func work(_ files: Int, timeoutNanoseconds: UInt64 = 60_000_000_000) throws -> ServiceWork {
    var scenario = Scenario(name: "s")
    try scenario.set(.serviceFiles, "\(files)")
    try scenario.set(.serviceFileSize, "16B-4KiB")
    scenario.service.timeoutNanoseconds = timeoutNanoseconds
    return scenario.service
  }

  private static func outcome(_ record: ServiceRecord) -> MountOutcome {
    MountOutcome(record) { "\(Errno(rawValue: $0))" }
  }

  @Test("every file is written with its own contents and read back")
  func allRight() throws {
    let directory = try PrivateDirectory("failover-bench-test-")
    let work = try Self.work(40)
    var worker = ServiceWorker(work, seed: 7)
    let served = worker.serve(directory.path, volume: 3)
    let result = try #require(served)
    #expect(result.files == 40 && result.rightFiles == 40 && result.failures.isEmpty)
    #expect(Self.outcome(ServiceRecord(result)) == .mounted)
    let names = try Directory.names(in: directory.path).sorted()
    #expect(names.count == 40 && names.first == "s00000" && names.last == "s00039")
    let sizes = work.sizesBytes(seed: 7)
    var contents: Set<[UInt8]> = []
    for (name, size) in zip(names, sizes) {
      let file = try Descriptor(opening: "\(directory.path)/\(name)", .readOnly)
      let text = try file.readToEnd(limitBytes: 8192)
      #expect(text.count == size)
      contents.insert(Array(text.prefix(16)))
    }
    #expect(contents.count == 40, "two files hold the same")
    #expect(Set(sizes) == [16, 32, 64, 128, 256, 512, 1024, 2048, 4096])
    let whole = worker.record
    let record = try #require(whole)
    #expect(record.operations == 40 && record.latency?.count == 40)
    #expect(result.slowestWriteNanoseconds ?? 0 > 0 && result.durationNanoseconds >= record.durationNanoseconds)
  }

  @Test("a file that cannot be created is one that failed, and the others go on")
  func oneIsThere() throws {
    let directory = try PrivateDirectory("failover-bench-test-")
    try directory.write("theirs", named: "s00002")
    var worker = ServiceWorker(try Self.work(5), seed: 7)
    let served = worker.serve(directory.path, volume: 1)
    let record = ServiceRecord(try #require(served))
    #expect(record.rightFiles == 4 && record.failedFiles == 1 && record.unfinishedFiles == 0)
    #expect(record.failures == [.init(operation: "create", errorNumber: EEXIST, files: 1)])
    #expect(
      Self.outcome(record) == .degraded(failed: 1, of: 5, reason: "create: \(Errno.fileExists) (1)"))
  }

  @Test("without its directory all of a service's files fail, and what the timeout cuts off is not done")
  func noneOrCutOff() throws {
    var worker = ServiceWorker(try Self.work(5), seed: 7)
    let served = worker.serve("/nowhere/at/all", volume: 1)
    let record = ServiceRecord(try #require(served))
    #expect(record.failures == [.init(operation: "open the root directory", errorNumber: ENOENT, files: 5)])
    let directory = try PrivateDirectory("failover-bench-test-")
    var hasty = ServiceWorker(try Self.work(5, timeoutNanoseconds: 1), seed: 7)
    let hurried = hasty.serve(directory.path, volume: 1)
    let cut = ServiceRecord(try #require(hurried))
    #expect(cut.rightFiles == 0 && cut.failedFiles == 0 && cut.unfinishedFiles == 5)
    #expect(
      Self.outcome(cut) == .degraded(failed: 5, of: 5, reason: "not done within the service timeout (5)"))
  }

  @Test("a service without files has nothing to do and no record")
  func nothingToDo() throws {
    var worker = ServiceWorker(ServiceWork(), seed: 1)
    let (served, record) = (worker.serve("/", volume: 1), worker.record)
    #expect(served == nil && record == nil)
  }

  @Test("more kinds of failure than the log has room for are counted with the last")
  func manyKinds() {
    var result = ServiceWorker.Result(files: 9)
    for errno in [Errno.noMemory, .noSpace, .ioError, .timedOut, .fileExists, .noMemory] {
      result.add(.write, errno)
    }
    #expect(result.failures.map(\.files) == [2, 1, 1, 2])
  }
}
