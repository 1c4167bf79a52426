internal import LinuxSystem
internal import SystemPackage

/// The first line of a journal: whose it is and when its changes stop being real.
public struct JournalHeader: Equatable, Sendable {
  /// The version of the format that this code writes and reads.
  public static let currentVersion = 1

  public var version: Int
  /// Random, in lower-case hexadecimal; part of the file's name.
  public var runID: String
  /// /proc/sys/kernel/random/boot_id (random(4)). After a restart of the machine only directories can be left.
  public var bootID: String
  /// The supervisor: the process that the user started.
  public var owner: ProcessIdentity
  /// The pid namespace in which the owner's number means something (pid_namespaces(7)).
  public var pidNamespace: UInt64
  /// CLOCK_REALTIME.
  public var startedNanoseconds: UInt64
  public var scenario: String
  /// The host's mount namespace as the owner saw it.
  public var mountNamespace: UInt64?

  public init(
    version: Int = JournalHeader.currentVersion, runID: String, bootID: String, owner: ProcessIdentity,
    pidNamespace: UInt64, startedNanoseconds: UInt64, scenario: String, mountNamespace: UInt64? = nil
  ) {
    (self.version, self.runID, self.bootID, self.owner) = (version, runID, bootID, owner)
    (self.pidNamespace, self.startedNanoseconds, self.scenario) = (pidNamespace, startedNanoseconds, scenario)
    self.mountNamespace = mountNamespace
  }

  /// A header for a run that the calling process supervises.
  public static func current(scenario: String) throws(JournalError) -> JournalHeader {
    JournalHeader(
      runID: String(decoding: Checksum.text(.random(in: .min ... .max)), as: UTF8.self),
      bootID: try HostIdentity.bootID(),
      owner: try ProcessIdentity.current(),
      pidNamespace: try HostIdentity.namespace("pid"),
      startedNanoseconds: Clock.unixNanoseconds(),
      scenario: scenario,
      mountNamespace: try HostIdentity.namespace("mnt"))
  }
}

extension JournalHeader {
  static let verb = "failover-bench-journal"

  var line: JournalLine {
    var fields = [
      JournalLine.Field(name: "version", value: String(version)),
      JournalLine.Field(name: "run", value: runID),
      JournalLine.Field(name: "boot", value: bootID),
      JournalLine.Field(name: "pid", value: String(owner.pid)),
      JournalLine.Field(name: "ticks", value: String(owner.startTicks)),
      JournalLine.Field(name: "pidns", value: String(pidNamespace)),
      JournalLine.Field(name: "started", value: String(startedNanoseconds)),
      JournalLine.Field(name: "scenario", value: scenario),
    ]
    if let mountNamespace { fields.append(.init(name: "mntns", value: String(mountNamespace))) }
    return JournalLine(JournalHeader.verb, fields)
  }

  /// Of a version that this code does not know nothing but the version is read: see `JournalReader`.
  init(_ line: JournalLine) throws(JournalLine.Damage) {
    version = try line.number("version")
    runID = try line.text("run")
    bootID = try line.text("boot")
    owner = ProcessIdentity(pid: try line.number("pid"), startTicks: try line.number("ticks"))
    pidNamespace = try line.number("pidns")
    startedNanoseconds = try line.number("started")
    scenario = try line.text("scenario")
    mountNamespace = try line.numberIfPresent("mntns")
    if let defect { throw .content(defect) }
  }

  /// The run id becomes part of a path.
  var defect: String? {
    let isHexadecimal = runID.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isHexadecimal, (1...64).contains(runID.utf8.count) else { return "the run id is not hexadecimal" }
    guard bootID.utf8.count <= 64, scenario.utf8.count <= 1024 else { return "the header is too long" }
    return nil
  }
}

/// What tells this boot and these namespaces from others.
enum HostIdentity {
  static func bootID() throws(JournalError) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    let bytes = try explaining("read", path, advice: "mount /proc") { () throws(Errno) in
      try KernelFile.bytesIfPresent(path, limitBytes: 256)
    }
    guard let bytes else { throw JournalError(.noSuchFileOrDirectory, "read", path, advice: "mount /proc") }
    return normalized(String(decoding: bytes, as: UTF8.self))
  }

  /// namespaces(7): two processes are in one namespace when the inode is the same.
  static func namespace(_ kind: String) throws(JournalError) -> UInt64 {
    let path = "/proc/self/ns/\(kind)"
    return try explaining("look at", path, advice: "mount /proc") { () throws(Errno) in
      UInt64(try FileSystem.targetStatus(of: path).inode.rawValue)
    }
  }
}
