public import Experiment
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
  private let root: Descriptor
  private let rootPath: String
  private var random: RandomGenerator
  private let data: [UInt8]
  /// "00000/000" and a zero, overwritten in place: no allocation for each operation.
  private var name: [CChar]
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
      try attempt("open", directory) { () throws(Errno) in
        try Descriptor(opening: directory, .readOnly, [.directory, .noFollow])
      }
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
    try measure(operations: files, context, options: [.create, .exclusiveCreate]) {
      workload, index throws(SystemError) in
      if index % workload.filesPerDirectory == 0 { try workload.makeDirectory(index / workload.filesPerDirectory) }
      return index
    }
  }

  /// Writes `count` times to the start of a file chosen uniformly at random.
  public mutating func rewrite(count: UInt64, _ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try measure(operations: count, context, options: []) { workload, _ throws(SystemError) in
      workload.random.below(workload.files)
    }
  }

  private mutating func measure(
    operations: UInt64, _ context: some RunContext, options: Descriptor.Options,
    choose: (inout FileWorkload, UInt64) throws(SystemError) -> UInt64
  ) throws(TestbedFailure) -> WorkloadRecord {
    var latencies = LatencyRecorder()
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
        try operate(options)
        latencies.record(Clock.monotonicNanoseconds() - began)
      } catch {
        throw TestbedFailure(error, doing: "run the workload")
      }
    }
    context.progress(done: operations, total: operations)
    let duration = context.monotonicNanoseconds() - start
    return WorkloadRecord(
      operations: operations, durationNanoseconds: duration, latency: latencies.latency)
  }

  private func operate(_ options: Descriptor.Options) throws(SystemError) {
    var operation = "open"
    do throws(Errno) {
      let file = try root.open(name, .writeOnly, options, permissions: 0o644)
      operation = "write to"
      if try file.writeOnce(data) != data.count { throw .noSpace }
      operation = "close"
      try file.close()
    } catch { throw SystemError(operation: operation, subject: nameText, errno: error) }
  }

  private mutating func makeDirectory(_ number: UInt64) throws(SystemError) {
    setName(number * filesPerDirectory)
    name[directoryDigits] = 0
    defer { name[directoryDigits] = 47 }
    try attempt("make directory", rootPath) { () throws(Errno) in try root.makeDirectory(name, permissions: 0o755) }
  }

  private mutating func setName(_ file: UInt64) {
    var directory = file / filesPerDirectory
    for position in stride(from: directoryDigits - 1, through: 0, by: -1) {
      name[position] = 48 + CChar(directory % 10)
      directory /= 10
    }
    var rest = file % filesPerDirectory
    for position in stride(from: directoryDigits + fileDigits, to: directoryDigits, by: -1) {
      name[position] = 48 + CChar(rest % 10)
      rest /= 10
    }
  }

  private var nameText: String {
    rootPath + "/" + String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Bytes that the files need on an XFS: a block and an inode each, directories, and room to breathe.
  static func volumeBytes(files: UInt64) -> UInt64 {
    let needed = files * (4096 + 512 + 128) * 5 / 4 + (512 << 20)
    // Whole MiB: mkfs.xfs wants whole sectors, and people read round numbers more easily.
    return (max(needed, 300 << 20) >> 20) << 20
  }
}
