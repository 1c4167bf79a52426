@testable import HostJournal
import LinuxSystem
import SystemPackage

/// A host of values. It can stop answering at any operation, before or after the operation took effect: to the host and
/// to the journal that is a SIGKILL of the restoring process at this instant.
final class FakeHost: HostOperations {
  struct State: Equatable {
    var sysctls: [String: String] = [:]
    var nodes: Set<Int> = []
    var bindings: [Int: FileIdentity] = [:]
    var deviceNodes: [String: UInt32] = [:]
    var directories: [String: FileIdentity] = [:]
    var traceInstances: Set<String> = []
    var modules: Set<String> = []
    var mappedDevices: Set<String> = []
    var memoryBlocks: [Int: MemoryBlocks.State] = [:]
    var processes: Set<ProcessIdentity> = []
  }

  enum Crash: CaseIterable { case before, after }

  var state: State
  var boot = "boot-1"
  var pidNamespaceNumber: UInt64 = 5
  var me = ProcessIdentity(pid: 77, startTicks: 12_345)
  /// How many attempts find a loop device in use.
  var busyAttempts: [Int: Int] = [:]
  /// How many attempts find a page of the block held.
  var heldBlocks: [Int: Int] = [:]
  /// Where the kernel puts a block that is given back to it.
  var kernelZone = "Normal"
  var undyingProcesses: Set<Int32> = []
  /// The kernel finds no more huge pages than this.
  var hugePagesAvailable = Int.max
  var log: [String] = []
  var time: UInt64 = 0
  var crash: (operation: Int, Crash)?
  private(set) var operations = 0

  init(_ state: State) {
    self.state = state
  }

  private func step<Result>(_ name: String, _ body: () -> Result) throws(JournalError) -> Result {
    operations += 1
    if let crash, operations > crash.operation || operations == crash.operation && crash.1 == .before {
      throw JournalError(.ioError, "go on", name, advice: "the process is dead")
    }
    let result = body()
    log.append(name)
    if let crash, operations == crash.operation { throw JournalError(.ioError, "go on", name, advice: "dead") }
    return result
  }

  func bootID() throws(JournalError) -> String { boot }
  func pidNamespace() throws(JournalError) -> UInt64 { pidNamespaceNumber }
  func currentProcess() throws(JournalError) -> ProcessIdentity { me }
  func isAlive(_ process: ProcessIdentity) -> Bool { process == me || state.processes.contains(process) }
  func monotonicNanoseconds() -> UInt64 { time }
  func sleep(nanoseconds: UInt64) { time += nanoseconds }
  func loopHolders(_ number: Int) -> [String] { ["mounted on /mnt as seen by process 9 (stuck)"] }

  func readSysctl(_ key: String) throws(JournalError) -> String? {
    try step("read \(key)") { state.sysctls[key] }
  }

  func writeSysctl(_ key: String, value: String) throws(JournalError) {
    try step("write \(key)=\(value)") {
      let pages = key == "vm.nr_hugepages" ? Int(value).map { min($0, hugePagesAvailable) } : nil
      state.sysctls[key] = pages.map(String.init) ?? value
    }
  }

  private func isBusy(_ number: Int) -> Bool {
    guard let left = busyAttempts[number], left > 0 else { return false }
    busyAttempts[number] = left - 1
    return true
  }

  private func status(_ number: Int) -> LoopStatus {
    guard state.nodes.contains(number) else { return .absent }
    return state.bindings[number].map { .bound($0, backingFile: "image") } ?? .unbound
  }

  func loopStatus(_ number: Int) throws(JournalError) -> LoopStatus {
    try step("status loop\(number)") { status(number) }
  }

  func clearLoop(_ number: Int, ifBoundTo file: FileIdentity) throws(JournalError) -> LoopStatus {
    try step("clear loop\(number)") {
      let before = status(number)
      if case .bound(file, _) = before, !isBusy(number) { state.bindings[number] = nil }
      return before
    }
  }

  func removeLoopNode(_ number: Int) throws(JournalError) -> Removal {
    try step("remove loop\(number)") {
      guard state.nodes.contains(number) else { return .absent }
      if state.bindings[number] != nil || isBusy(number) { return .busy("it is bound or open") }
      state.nodes.remove(number)
      return .removed
    }
  }

  func removeDeviceNode(_ path: String, major: UInt32, minor: UInt32) throws(JournalError) -> Removal {
    try step("unlink \(path)") {
      guard let device = state.deviceNodes[path] else { return .absent }
      guard device == major << 20 | minor else { return .foreign("something else has that name now") }
      state.deviceNodes[path] = nil
      return .removed
    }
  }

  func removeEmptyDirectory(_ path: String) throws(JournalError) -> Removal {
    try step("rmdir \(path)") { state.directories.removeValue(forKey: path) == nil ? .absent : .removed }
  }

  func removeDirectoryTree(_ path: String, identity: FileIdentity) throws(JournalError) -> Removal {
    try step("remove \(path)") {
      guard let present = state.directories[path] else { return .absent }
      guard present == identity else { return .foreign("another directory has that name now") }
      state.directories[path] = nil
      return .removed
    }
  }

  func removeTraceInstance(_ name: String) throws(JournalError) -> Removal {
    try step("rmdir instances/\(name)") { state.traceInstances.remove(name) == nil ? .absent : .removed }
  }

  func unloadModule(_ name: String) throws(JournalError) -> Removal {
    try step("unload \(name)") { state.modules.remove(name) == nil ? .absent : .removed }
  }

  func removeMappedDevice(_ name: String) throws(JournalError) -> Removal {
    try step("remove \(name)") { state.mappedDevices.remove(name) == nil ? .absent : .removed }
  }

  func memoryBlock(_ number: Int) throws(JournalError) -> MemoryBlocks.State? {
    try step("state of block \(number)") { state.memoryBlocks[number] }
  }

  func setMemoryBlock(
    _ number: Int, _ target: MemoryBlocks.Target, isPatient: Bool
  ) throws(JournalError) -> String? {
    try step("block \(number) \(target.rawValue)\(isPatient ? "" : ", briefly")") {
      // As init_per_zone_wmark_min does.
      if state.sysctls["vm.min_free_kbytes"] != nil { state.sysctls["vm.min_free_kbytes"] = "67584" }
      if target == .offline, let left = heldBlocks[number], left > 0 {
        heldBlocks[number] = left - 1
        return "a page in it is held"
      }
      state.memoryBlocks[number] =
        switch target {
        case .offline: .offline
        case .onlineKernel: .online(zone: kernelZone)
        case .onlineMovable: .online(zone: "Movable")
        }
      return nil
    }
  }

  func emptyMemory() { log.append("empty memory") }

  func kill(_ process: ProcessIdentity) throws(JournalError) -> Bool {
    try step("kill \(process.pid)") {
      guard state.processes.contains(process) else { return false }
      if !undyingProcesses.contains(process.pid) { state.processes.remove(process) }
      return true
    }
  }
}

/// A run that was killed in the middle: the host as it is, as it was before, and what the journal says.
struct KilledRun {
  static let image = FileIdentity(device: 65_024, inode: 1001)
  static let child = ProcessIdentity(pid: 78, startTicks: 12_400)

  static let before = FakeHost.State(
    sysctls: [
      "vm.nr_hugepages": "0", "fs.pipe-max-size": "1048576", "kernel.printk": "4\t4\t1\t7",
      "vm.min_free_kbytes": "16384",
    ],
    nodes: [0, 1], bindings: [0: FileIdentity(device: 1, inode: 1)], deviceNodes: ["/dev/loop0": 7 << 20],
    directories: ["/var/tmp": FileIdentity(device: 65_024, inode: 2)],
    memoryBlocks: [61: .online(zone: "Normal"), 62: .online(zone: "Normal"), 63: .online(zone: "Normal")])

  static var during: FakeHost.State {
    var state = before
    state.sysctls["vm.nr_hugepages"] = "9301"
    state.sysctls["fs.pipe-max-size"] = "4194304"
    state.sysctls["vm.min_free_kbytes"] = "11584"
    state.nodes.insert(8)
    state.deviceNodes["/dev/loop8"] = 7 << 20 | 8
    state.bindings[8] = image
    state.bindings[1] = FileIdentity(device: 65_024, inode: 1002)
    state.directories["/var/tmp/work"] = FileIdentity(device: 65_024, inode: 1000)
    state.traceInstances = ["failover-bench-0123456789ab"]
    state.modules = ["snapmeta"]
    state.mappedDevices = ["failover-bench-0123456789ab-origin"]
    state.memoryBlocks[62] = .offline
    state.memoryBlocks[63] = .online(zone: "Movable")
    state.processes = [child]
    return state
  }

  static let changes: [HostChange] = [
    .process(pid: child.pid, startTicks: child.startTicks, role: "child"),
    .directory(path: "/var/tmp/work", device: 65_024, inode: 1000),
    .sysctl(key: "vm.nr_hugepages", previous: "0", new: "9500"),
    .sysctl(key: "fs.pipe-max-size", previous: "1048576", new: "3000000"),
    .loopBinding(number: 1, backingFile: "/var/tmp/work/1.img", device: 65_024, inode: 1002),
    .loopNode(number: 8),
    .deviceNode(path: "/dev/loop8", major: 7, minor: 8),
    .loopBinding(number: 8, backingFile: "/var/tmp/work/8.img", device: 65_024, inode: 1001),
    .traceInstance(name: "failover-bench-0123456789ab"),
    .kernelModule(name: "snapmeta"),
    .mappedDevice(name: "failover-bench-0123456789ab-origin"),
    .sysctl(key: "vm.min_free_kbytes", previous: "16384", new: "16384"),
    .memoryBlock(number: 62, zone: "Normal", isMovable: false),
    .memoryBlock(number: 63, zone: "Normal", isMovable: true),
  ]

  /// Of a supervisor that is dead, unless told otherwise.
  static func journal(
    in directory: TemporaryDirectory, _ changes: [HostChange] = changes,
    owner: ProcessIdentity = ProcessIdentity(pid: 66, startTicks: 1)
  ) throws -> FilePath {
    try directory.file("0123456789abcdef.journal", journalBytes(changes, header: sampleHeader(owner: owner)))
  }
}
