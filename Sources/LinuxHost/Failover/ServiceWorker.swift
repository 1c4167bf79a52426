import Experiment
import LinuxSystem
import SystemPackage

/// Does the services' work: creates and writes files, open, write, close as the workload does, then reads each back. Its buffers and its
/// histogram are there before the failover begins.
struct ServiceWorker: ~Copyable {
  /// What a service's file can fail at.
  enum Operation: UInt64, CaseIterable {
    case enter = 1
    case create, write, close, open, read, compare, sentinel

    var name: String {
      switch self {
      case .enter: "open the root directory"
      case .create: "create"
      case .write: "write"
      case .close: "close"
      case .open: "open"
      case .read: "read"
      case .compare: "compare"
      case .sentinel: "read the sentinel"
      }
    }
  }

  /// Files at which the same call failed in the same way.
  struct Failure: Equatable {
    var operation: Operation
    /// 0 for `compare`.
    var errorNumber: Int32
    var files: UInt64 = 1
  }

  /// What became of one service's files.
  struct Result: Equatable {
    /// More kinds are counted with the last.
    static let mostFailures = 4

    var files: UInt64
    var rightFiles: UInt64 = 0
    var failures: [Failure] = []
    var durationNanoseconds: UInt64 = 0
    var slowestWriteNanoseconds: UInt64?

    init(files: Int) {
      self.files = UInt64(files)
      failures.reserveCapacity(Self.mostFailures)
    }

    mutating func add(_ operation: Operation, _ errno: Errno?, files: UInt64 = 1) {
      let errorNumber = errno?.rawValue ?? 0
      if let index = failures.firstIndex(where: { $0.operation == operation && $0.errorNumber == errorNumber }) {
        failures[index].files += files
      } else if failures.count < Self.mostFailures {
        failures.append(Failure(operation: operation, errorNumber: errorNumber, files: files))
      } else {
        failures[failures.count - 1].files += files
      }
    }
  }

  private let sizes: [Int]
  private let timeoutNanoseconds: UInt64
  /// Each file holds this from another place on, so that no two neighbours hold the same.
  private let contents: UnsafeMutableRawBufferPointer
  private let buffer: UnsafeMutableRawBufferPointer
  private var isWritten: [Bool]
  /// "s00000" and a zero, overwritten in place.
  private var name: [CChar] = [115, 48, 48, 48, 48, 48, 0]
  private var latencies = LatencyRecorder()
  private var operations: UInt64 = 0
  private var durationNanoseconds: UInt64 = 0

  private static let period = 251

  init(_ work: ServiceWork, seed: UInt64) {
    sizes = work.sizesBytes(seed: seed)
    timeoutNanoseconds = work.timeoutNanoseconds
    let most = sizes.max() ?? 1
    contents = .allocate(byteCount: most + Self.period, alignment: 4096)
    buffer = .allocate(byteCount: most + 1, alignment: 4096)
    for index in contents.indices { contents[index] = UInt8(truncatingIfNeeded: index % Self.period &* 7 &+ 1) }
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    isWritten = Array(repeating: false, count: sizes.count)
  }

  deinit {
    contents.deallocate()
    buffer.deallocate()
  }

  /// All that was done so far; nil where the services have no work.
  var record: WorkloadRecord? {
    sizes.isEmpty
      ? nil
      : WorkloadRecord(
        operations: operations, durationNanoseconds: durationNanoseconds, latency: latencies.latency)
  }

  /// All of it in vain: the first file to be read, the sentinel, could not be.
  func withoutSentinel(_ errno: Errno) -> Result {
    var result = Result(files: sizes.count)
    result.add(.sentinel, errno, files: UInt64(sizes.count))
    return result
  }

  var hasWork: Bool { !sizes.isEmpty }

  /// The work of the service whose volume is mounted at `target`; nil where there is none.
  ///
  /// - Parameter isCancelled: asked between two files.
  mutating func serve(_ target: String, volume: Int, isCancelled: () -> Bool = { false }) -> Result? {
    guard hasWork else { return nil }
    var result = Result(files: sizes.count)
    let began = Clock.monotonicNanoseconds()
    let root: Descriptor
    do throws(Errno) { root = try Descriptor(opening: target, .readOnly, [.directory, .noFollow]) } catch {
      result.add(.enter, error, files: UInt64(sizes.count))
      return result
    }
    let deadline = began + timeoutNanoseconds
    var now = began
    for file in sizes.indices {
      isWritten[file] = false
      guard now < deadline, !isCancelled() else { continue }
      setName(file)
      write(file, content(file, volume), in: root, &result)
      let ended = Clock.monotonicNanoseconds()
      let duration = ended - now
      now = ended
      // One that fails at once is no quick write.
      if isWritten[file] {
        operations += 1
        latencies.record(duration)
      }
      result.slowestWriteNanoseconds = max(result.slowestWriteNanoseconds ?? 0, duration)
    }
    for file in sizes.indices where isWritten[file] && Clock.monotonicNanoseconds() < deadline && !isCancelled() {
      setName(file)
      compare(content(file, volume), in: root, &result)
    }
    result.durationNanoseconds = Clock.monotonicNanoseconds() - began
    durationNanoseconds += result.durationNanoseconds
    return result
  }

  private mutating func write(
    _ file: Int, _ content: UnsafeRawBufferPointer, in root: borrowing Descriptor, _ result: inout Result
  ) {
    var operation = Operation.create
    do throws(Errno) {
      let descriptor = try root.open(name, .writeOnly, [.create, .exclusiveCreate], permissions: 0o644)
      operation = .write
      try descriptor.write(content)
      operation = .close
      try descriptor.close()
      isWritten[file] = true
    } catch { result.add(operation, error) }
  }

  private mutating func compare(
    _ content: UnsafeRawBufferPointer, in root: borrowing Descriptor, _ result: inout Result
  ) {
    var operation = Operation.open
    do throws(Errno) {
      let descriptor = try root.open(name, .readOnly, .noFollow)
      operation = .read
      var count = 0
      // One byte more than there should be: a longer file is wrong as well.
      while count <= content.count {
        let got = try descriptor.read(
          into: UnsafeMutableRawBufferPointer(rebasing: buffer[count..<content.count + 1]))
        if got == 0 { break }
        count += got
      }
      operation = .close
      try descriptor.close()
      // Not byte by byte: it is in the service's time.
      if content.holdsTheSame(as: UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
        result.rightFiles += 1
      } else {
        result.add(.compare, nil)
      }
    } catch { result.add(operation, error) }
  }

  private func content(_ file: Int, _ volume: Int) -> UnsafeRawBufferPointer {
    let start = (file &* 31 &+ volume &* 17) % Self.period
    return UnsafeRawBufferPointer(rebasing: contents[start..<start + sizes[file]])
  }

  private mutating func setName(_ file: Int) {
    var rest = file
    for position in stride(from: 5, through: 1, by: -1) {
      name[position] = 48 + CChar(rest % 10)
      rest /= 10
    }
  }
}

extension ServiceRecord {
  init(_ result: ServiceWorker.Result) {
    self.init(
      files: result.files, rightFiles: result.rightFiles,
      failures: result.failures.map {
        Failure(
          operation: $0.operation.name, errorNumber: $0.errorNumber == 0 ? nil : $0.errorNumber, files: $0.files)
      }, durationNanoseconds: result.durationNanoseconds, slowestWriteNanoseconds: result.slowestWriteNanoseconds)
  }
}
