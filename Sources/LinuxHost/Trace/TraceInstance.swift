import Experiment
import HostJournal
import KernelText
import LinuxSystem
import SystemPackage

/// A trace instance of our own in the kernel (Documentation/trace/ftrace.rst, "Instances"): buffers, events and switches that are
/// nobody else's, in `instances/` of tracefs. Whoever else traces this machine is not disturbed. It is removed from the journal, once its
/// files are closed here.
///
/// tracefs is reached through a mount that is attached to no directory, so that none has to be mounted and nobody sees this one.
struct TraceInstance: ~Copyable {
  let name: String
  private let tracefs: Descriptor
  private let switchFile: Descriptor
  /// That of Clock.monotonicNanoseconds, one for all processors (Documentation/trace/ftrace.rst, trace_clock: "mono uses the fast monotonic clock
  /// (CLOCK_MONOTONIC)"); the usual one is each processor's own.
  private static let clock = "mono"
  /// Those that were asked for and that this kernel has.
  let events: Set<TraceEventName>

  private init(
    name: String, tracefs: consuming Descriptor, switchFile: consuming Descriptor, events: Set<TraceEventName>
  ) {
    self.name = name
    self.tracefs = tracefs
    self.switchFile = switchFile
    self.events = events
  }

  /// Makes the instance, with tracing off, and has its buffers filled with pages: the kernel does so when their size is set
  /// (kernel/trace/ring_buffer.c, ring_buffer_resize). What of it is there when this fails is the journal's.
  ///
  /// - Parameter bufferKilobytes: for each processor.
  static func make(
    runID: String, events: Set<TraceEventName>, bufferKilobytes: Int, journal: inout RunJournal
  ) throws(SystemError) -> TraceInstance {
    let name = "failover-bench-\(runID)"
    let tracefs = try attempt("mount", "tracefs") { () throws(Errno) in try TraceFileSystem.mountDetached() }
    let directory = Self.directory(tracefs.rawValue, name)
    _ = try journal.record(.traceInstance(name: name))
    do throws(SystemError) {
      try Directory.make(directory)
      try KernelFile.write("0", to: directory + "/tracing_on")
      try KernelFile.write(Self.clock, to: directory + "/trace_clock")
      try KernelFile.write("\(bufferKilobytes)", to: directory + "/buffer_size_kb")
      let events = events.filter { FileSystem.exists("\(directory)/events/\($0.rawValue)") }
      let switchFile = try attempt("open", directory + "/tracing_on") { () throws(Errno) in
        try Descriptor(opening: directory + "/tracing_on", .writeOnly)
      }
      return TraceInstance(name: name, tracefs: tracefs, switchFile: switchFile, events: events)
    } catch {
      throw Self.shown(error)
    }
  }

  /// The number of this thread as the kernel itself counts, which in a PID namespace is another than gettid(2) tells: the
  /// trace says whose a marker is.
  borrowing func ownThread() throws(SystemError) -> Int {
    let word = "which-thread-\(name)"
    try resume()
    try write(word, "trace_marker")
    try pause()
    var thread: Int?
    try lines { line in
      if let marker = try? TraceMarker.parse(line: line), marker.text == word { thread = marker.pid }
    }
    if let thread { return thread }
    throw SystemError(
      operation: "find this thread in", subject: "tracefs instances/\(name)/trace", errno: .noSuchProcess)
  }

  /// From now on only events of this thread are recorded.
  borrowing func follow(thread: Int) throws(SystemError) { try write("\(thread)", "set_event_pid") }

  /// Of this event only what fits is recorded (Documentation/trace/events.rst, "Event filtering").
  borrowing func filter(_ event: TraceEventName, _ expression: String) throws(SystemError) {
    guard events.contains(event) else { return }
    try write(expression, "events/\(event.rawValue)/filter")
  }

  /// The events are recorded from now on, once tracing goes on.
  borrowing func enable() throws(SystemError) {
    for event in events { try write("1", "events/\(event.rawValue)/enable") }
  }

  /// One write(2) each: they go right before and right after what is traced.
  borrowing func resume() throws(SystemError) { try turn(Self.on) }
  borrowing func pause() throws(SystemError) { try turn(Self.off) }

  private static let on = [UInt8(ascii: "1")]
  private static let off = [UInt8(ascii: "0")]

  private borrowing func turn(_ digit: [UInt8]) throws(SystemError) {
    do throws(Errno) { _ = try switchFile.writeOnce(digit) } catch {
      throw SystemError(operation: "write to", subject: "tracefs instances/\(name)/tracing_on", errno: error)
    }
  }

  /// Empties the buffers; the counts of lost events start over with them.
  borrowing func clear() throws(SystemError) {
    // It is the opening that empties them.
    do throws(Errno) { try Descriptor(opening: path("trace"), .writeOnly, .truncate).close() } catch {
      throw SystemError(operation: "empty", subject: "tracefs instances/\(name)/trace", errno: error)
    }
  }

  /// Gives the lines of the trace to `take`, one after another: a whole trace may be larger than the memory that is free.
  borrowing func read(_ take: (String) throws(KernelTextError) -> Void) throws(TraceReadError) {
    var flaw: KernelTextError?
    do throws(SystemError) {
      try lines { line in
        if flaw != nil { return }
        do throws(KernelTextError) { try take(line) } catch { flaw = error }
      }
    } catch { throw .system(error) }
    if let flaw { throw .text(flaw) }
  }

  /// What all processors' buffers had no room for.
  borrowing func lostEvents() throws(TraceReadError) -> UInt64 {
    let texts: [String]
    do throws(SystemError) { texts = try statistics() } catch { throw .system(error) }
    var lost: UInt64 = 0
    do throws(KernelTextError) {
      for text in texts { lost &+= try TraceBufferStats.parse(text).lostEvents }
    } catch { throw .text(error) }
    return lost
  }

  private borrowing func lines(_ take: (String) -> Void) throws(SystemError) {
    do throws(Errno) {
      let file = try Descriptor(opening: path("trace"), .readOnly)
      let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
      defer { chunk.deallocate() }
      var begun: [UInt8] = []
      while case let count = try file.read(into: chunk), count > 0 {
        var rest = chunk[..<count]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          begun.append(contentsOf: rest[..<end])
          take(String(decoding: begun, as: UTF8.self))
          begun.removeAll(keepingCapacity: true)
          rest = rest[(end + 1)...]
        }
        begun.append(contentsOf: rest)
      }
      if !begun.isEmpty { take(String(decoding: begun, as: UTF8.self)) }
    } catch {
      throw SystemError(operation: "read", subject: "tracefs instances/\(name)/trace", errno: error)
    }
  }

  /// What each processor's buffer tells of itself: texts of per_cpu/cpuN/stats.
  private borrowing func statistics() throws(SystemError) -> [String] {
    do throws(SystemError) {
      var texts: [String] = []
      for processor in try Directory.names(in: path("per_cpu")) {
        texts.append(try KernelFile.read(path("per_cpu/\(processor)/stats")))
      }
      return texts
    } catch { throw Self.shown(error) }
  }

  private borrowing func path(_ file: String) -> String {
    Self.directory(tracefs.rawValue, name) + (file.isEmpty ? "" : "/\(file)")
  }

  private static func directory(_ tracefs: Int32, _ name: String) -> String {
    "/proc/self/fd/\(tracefs)/instances/\(name)"
  }

  private borrowing func write(_ text: String, _ file: String) throws(SystemError) {
    do throws(SystemError) { try KernelFile.write(text, to: path(file)) } catch { throw Self.shown(error) }
  }

  /// Without the number of our descriptor, which says nothing to anybody.
  private static func shown(_ error: SystemError) -> SystemError {
    guard error.subject.hasPrefix("/proc/self/fd/") else { return error }
    let parts = error.subject.split(separator: "/").dropFirst(4)
    return SystemError(
      operation: error.operation, subject: "tracefs " + parts.joined(separator: "/"), errno: error.errno)
  }
}

extension TraceInstance {
  /// Why there is no instance, and what to do about it.
  static func failure(_ error: SystemError) -> TestbedFailure {
    TestbedFailure(
      error, doing: "make a trace instance",
      advice: error.errno == .operationNotSupportedByDevice
        ? "a kernel with CONFIG_FTRACE is needed" : "run as root, without kernel lockdown")
  }

  /// Why this machine cannot trace; nil where it can, as far as can be told without making an instance.
  static func problem() -> String? {
    do throws(Errno) {
      let tracefs = try TraceFileSystem.mountDetached()
      let root = "/proc/self/fd/\(tracefs.rawValue)"
      guard FileSystem.exists("\(root)/instances") else { return "tracefs has no instances" }
      // To see it is not enough: a kernel in lockdown refuses to open the files (kernel/trace/trace.c, tracing_check_open_get_tr).
      guard let clocks = KernelFile.trimmed("\(root)/trace_clock") else { return "the files of tracefs cannot be read" }
      guard clocks.contains(clock) else { return "this kernel's traces have no clock \(clock)" }
      return FileSystem.exists("\(root)/events/\(TraceEventName.allocation.rawValue)")
        ? nil : "this kernel has no event \(TraceEventName.allocation.rawValue)"
    } catch { return "tracefs cannot be mounted: \(error)" }
  }
}

/// Why a trace could not be read.
enum TraceReadError: Error {
  case system(SystemError)
  case text(KernelTextError)

  /// - Parameter subject: as in "read the ... of mount 1".
  func failure(doing subject: String) -> TestbedFailure {
    switch self {
    case .system(let error): TestbedFailure(error, doing: "read the \(subject)")
    case .text(let error):
      TestbedFailure(
        .fault, operation: "understand the \(subject)", reason: "\(error)", advice: "please report this as a bug")
    }
  }
}
