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
  /// Those of ``TraceEventName`` that this kernel has.
  let events: Set<TraceEventName>

  /// For each processor: room for some 20,000 events, where a mount makes a few thousand.
  private static let bufferKilobytes = 2048
  /// A line has some 150 bytes.
  private static let traceLimitBytes = 512 << 20

  private init(
    name: String, tracefs: consuming Descriptor, switchFile: consuming Descriptor, events: Set<TraceEventName>
  ) {
    self.name = name
    self.tracefs = tracefs
    self.switchFile = switchFile
    self.events = events
  }

  /// Makes the instance, with tracing off. What of it is there when this fails is the journal's.
  static func make(name: String, journal: inout RunJournal) throws(SystemError) -> TraceInstance {
    let tracefs = try attempt("mount", "tracefs") { () throws(Errno) in try TraceFileSystem.mountDetached() }
    let directory = Self.directory(tracefs.rawValue, name)
    _ = try journal.record(.traceInstance(name: name))
    do throws(SystemError) {
      try Directory.make(directory)
      try KernelFile.write("0", to: directory + "/tracing_on")
      // One clock for all processors; the usual one is each processor's own.
      try KernelFile.write("mono", to: directory + "/trace_clock")
      try KernelFile.write("\(Self.bufferKilobytes)", to: directory + "/buffer_size_kb")
      let events = TraceEventName.allCases.filter { FileSystem.exists("\(directory)/events/\($0.rawValue)") }
      let switchFile = try attempt("open", directory + "/tracing_on") { () throws(Errno) in
        try Descriptor(opening: directory + "/tracing_on", .writeOnly)
      }
      return TraceInstance(name: name, tracefs: tracefs, switchFile: switchFile, events: Set(events))
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
    for line in try trace().utf8.split(separator: UInt8(ascii: "\n")) {
      if let marker = try? TraceMarker.parse(line: String(Substring(line))), marker.text == word { return marker.pid }
    }
    throw SystemError(
      operation: "find this thread in", subject: "tracefs instances/\(name)/trace", errno: .noSuchProcess)
  }

  /// From now on only events of this thread are recorded, once tracing goes on.
  borrowing func select(thread: Int) throws(SystemError) {
    try write("\(thread)", "set_event_pid")
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

  borrowing func trace() throws(SystemError) -> String { try read("trace", limitBytes: Self.traceLimitBytes) }

  /// What each processor's buffer tells of itself: texts of per_cpu/cpuN/stats.
  borrowing func statistics() throws(SystemError) -> [String] {
    let processors: [String]
    do throws(SystemError) { processors = try Directory.names(in: path("per_cpu")) } catch { throw Self.shown(error) }
    var texts: [String] = []
    for processor in processors {
      texts.append(try read("per_cpu/\(processor)/stats", limitBytes: KernelFile.limitBytes))
    }
    return texts
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

  private borrowing func read(_ file: String, limitBytes: Int) throws(SystemError) -> String {
    do throws(SystemError) { return try KernelFile.read(path(file), limitBytes: limitBytes) } catch {
      throw Self.shown(error)
    }
  }

  /// Without the number of our descriptor, which says nothing to anybody.
  private static func shown(_ error: SystemError) -> SystemError {
    guard error.subject.hasPrefix("/proc/self/fd/") else { return error }
    let parts = error.subject.split(separator: "/").dropFirst(4)
    return SystemError(
      operation: error.operation, subject: "tracefs " + parts.joined(separator: "/"), errno: error.errno)
  }
}
