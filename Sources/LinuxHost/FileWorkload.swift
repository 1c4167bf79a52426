import CLinux
public import Experiment
import Histogram
import LinuxSystem
import SystemPackage

/// The random-write workload of environment 2 (a): every file created and written once, then files chosen at random written
/// again. One operation is open, write, close; nothing is synced.
///
/// Paths are `DIRECTORY/00000/000`: directories of as many files as the scenario says, so that none grows so large that it
/// is the directory that is measured.
public struct FileWorkload: ~Copyable {
  private let files: UInt64
  private let filesPerDirectory: UInt64
  private let root: OwnedDescriptor
  private let rootPath: String
  private var random: RandomGenerator
  private let data: [UInt8]
  /// "00000/000" and a zero, overwritten in place: no allocation for each operation.
  private var name: [UInt8]
  private let directoryDigits = 5
  private let fileDigits: Int

  /// How many operations go between two looks at the cancel flag: some 0.1 s of them.
  private static let checkpointOperations: UInt64 = 1024

  public init(
    directory: String, files: UInt64, filesPerDirectory: UInt64, writeBytes: Int, seed: UInt64
  ) throws(TestbedFailure) {
    precondition((1...4096).contains(writeBytes) && filesPerDirectory > 0)
    self.files = files
    self.filesPerDirectory = filesPerDirectory
    rootPath = directory
    root = try attempting("open the workload's file system") { () throws(SystemError) in
      try OwnedDescriptor(opening: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }
    random = RandomGenerator(seed: seed)
    data = (0..<writeBytes).map { UInt8(truncatingIfNeeded: 0x61 + $0 % 26) }
    fileDigits = max(3, String(filesPerDirectory - 1).count)
    name = Array(repeating: 48, count: directoryDigits + 1 + fileDigits + 1)
    name[directoryDigits] = 47
    name[name.count - 1] = 0
  }

  /// Creates every file and writes it once.
  public mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try measure(operations: files, context) { workload, index throws(SystemError) in
      if index % workload.filesPerDirectory == 0 { try workload.makeDirectory(index / workload.filesPerDirectory) }
      return index
    } flags: { O_WRONLY | O_CREAT | O_EXCL }
  }

  /// Writes `count` times to the start of a file chosen uniformly at random.
  public mutating func rewrite(count: UInt64, _ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try measure(operations: count, context) { workload, _ throws(SystemError) in
      workload.random.below(workload.files)
    } flags: { O_WRONLY }
  }

  private mutating func measure(
    operations: UInt64, _ context: some RunContext,
    choose: (inout FileWorkload, UInt64) throws(SystemError) -> UInt64, flags: () -> Int32
  ) throws(TestbedFailure) -> WorkloadRecord {
    // One minute is far above any operation that is not a stopped machine; what is longer counts as that.
    var histogram = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    let openFlags = flags() | O_CLOEXEC
    let start = context.monotonicNanoseconds()
    for index in 0..<operations {
      if index % Self.checkpointOperations == 0 {
        try context.checkpoint()
        context.progress(done: index, total: operations)
      }
      do throws(SystemError) {
        let file = try choose(&self, index)
        setName(file)
        let began = Clock.monotonicNanoseconds()
        try operate(openFlags)
        histogram.record(min(Clock.monotonicNanoseconds() - began, 60_000_000_000))
      } catch {
        throw TestbedFailure(error, doing: "run the workload")
      }
    }
    context.progress(done: operations, total: operations)
    let duration = context.monotonicNanoseconds() - start
    var buckets: [LatencyHistogram.Bucket] = []
    for value in histogram.recordedValues() {
      buckets.append(LatencyHistogram.Bucket(nanoseconds: value.value, count: value.count))
    }
    return WorkloadRecord(
      operations: operations, durationNanoseconds: duration, latency: LatencyHistogram(buckets: buckets))
  }

  private func operate(_ flags: Int32) throws(SystemError) {
    let file = try systemCall("open", nameText) {
      name.withUnsafeBytes { clinux_openat(root.rawValue, $0.baseAddress!.assumingMemoryBound(to: CChar.self), flags, 0o644) }
    }
    do throws(SystemError) {
      let written = try systemCall("write to", nameText) {
        data.withUnsafeBytes { clinux_write(file, $0.baseAddress, $0.count) }
      }
      if written != data.count { throw SystemError(operation: "write to", subject: nameText, errno: .noSpace) }
    } catch {
      clinux_close(file)
      throw error
    }
    try systemCall("close", nameText) { clinux_close(file) }
  }

  private mutating func makeDirectory(_ number: UInt64) throws(SystemError) {
    setName(number * filesPerDirectory)
    name[directoryDigits] = 0
    defer { name[directoryDigits] = 47 }
    try systemCall("make directory", rootPath) {
      name.withUnsafeBytes { mkdirat(root.rawValue, $0.baseAddress!.assumingMemoryBound(to: CChar.self), 0o755) }
    }
  }

  private mutating func setName(_ file: UInt64) {
    var directory = file / filesPerDirectory
    for position in stride(from: directoryDigits - 1, through: 0, by: -1) {
      name[position] = 48 + UInt8(directory % 10)
      directory /= 10
    }
    var rest = file % filesPerDirectory
    for position in stride(from: directoryDigits + fileDigits, to: directoryDigits, by: -1) {
      name[position] = 48 + UInt8(rest % 10)
      rest /= 10
    }
  }

  private var nameText: String { rootPath + "/" + String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) }

  /// Bytes that the files need on an XFS: a block and an inode each, directories, and room to breathe.
  static func volumeBytes(files: UInt64) -> UInt64 {
    let needed = files * (4096 + 512 + 128) * 5 / 4 + (512 << 20)
    // Whole MiB: mkfs.xfs wants whole sectors, and people read round numbers more easily.
    return (max(needed, 300 << 20) >> 20) << 20
  }
}
