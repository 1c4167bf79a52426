/// One line for the user: which key, what was given, what is allowed.
public struct ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
  public let key: String
  public let value: String
  public let allowed: String

  public init(key: String, value: String, allowed: String) {
    self.key = key
    // One line whatever was given: a scenario file may hold anything.
    self.value = SingleLine.text(value, limit: 120)
    self.allowed = allowed
  }

  public var description: String { "\(key): '\(value)' is not allowed; allowed: \(allowed)" }
}

/// The keys of a scenario: one name for the file, the command line and every message.
public enum ScenarioKey: String, CaseIterable, Sendable {
  case memory
  case filesystems
  case filesystemSize = "filesystem-size"
  case files
  case filesPerDirectory = "files-per-directory"
  case rewrites
  case writeSize = "write-size"
  case inodeResident = "inode-resident"
  case pin
  case pinBackend = "pin-backend"
  case pattern
  case mountDemand = "mount-demand"
  case demandRetry = "demand-retry"
  case mountTimeout = "mount-timeout"
  case keepGoing = "keep-going"
  case crashedVolumes = "crashed-volumes"
  case sysctl
  case set
  case seed

  /// Keys that may be given more than once, and hold a list in a file.
  public var isList: Bool { self == .sysctl || self == .set }

  /// What may be given, in the words of the error message and of `--help`.
  public var allowed: String {
    switch self {
    case .memory: "none, or a size from 512MiB up to the machine's memory, such as 4GiB"
    case .filesystems: "a number from 1 to 4096"
    case .filesystemSize: "a size from 300MiB (the least that mkfs.xfs makes) to 16TiB"
    case .files: "a number from 0 to 100000000"
    case .filesPerDirectory: "a number from 1 to 100000"
    case .rewrites: "a number from 0 to 1000000000; above 0 only with files"
    case .writeSize: "a size from 1B to 4096B"
    case .inodeResident, .keepGoing, .crashedVolumes: "true or false"
    case .pin: "a size from 0B to 1TiB in whole pages of 4096B, such as 400MiB"
    case .pinBackend: "pipe, mlock, snapmeta or dm-snapshot"
    case .pattern: "none, or PINNED:TRANSIENT pages from 1 to 1024 each, such as 1:7"
    case .mountDemand: MountDemand.allowed
    case .demandRetry: "until-timeout or once"
    case .mountTimeout: "a duration from 1s to 1h, such as 60s"
    case .sysctl: SysctlSetting.allowed
    case .set: ModelSetting.allowed
    case .seed: "a number from 0 to 18446744073709551615"
    }
  }
}

extension Scenario {
  /// Sets `key` from its text.
  ///
  /// `sysctl` and `set` add to the settings there are (one with the same key, and stage, is replaced); every other key replaces.
  public mutating func set(_ key: ScenarioKey, _ text: String) throws(ScenarioError) {
    let bad = ScenarioError(key: key.rawValue, value: text, allowed: key.allowed)
    func number<T: FixedWidthInteger>(_ range: ClosedRange<T>) throws(ScenarioError) -> T {
      guard let digits = ByteSize.decimal(text.filter { $0 != "_" }[...]), let value = T(exactly: digits),
        range.contains(value)
      else { throw bad }
      return value
    }
    func size(_ range: ClosedRange<UInt64>) throws(ScenarioError) -> UInt64 {
      guard let value = ByteSize.parse(text), range.contains(value) else { throw bad }
      return value
    }
    func flag() throws(ScenarioError) -> Bool {
      guard let value = Bool(text) else { throw bad }
      return value
    }
    switch key {
    case .memory: memoryBytes = text == "none" ? nil : try size((512 << 20)...(1 << 50))
    case .filesystems: fileSystems = try number(1...4096)
    case .filesystemSize: fileSystemBytes = try size((300 << 20)...(16 << 40))
    case .files: files = try number(0...100_000_000)
    case .filesPerDirectory: filesPerDirectory = try number(1...100_000)
    case .rewrites: rewrites = try number(0...1_000_000_000)
    case .writeSize: writeBytes = Int(try size(1...4096))
    case .inodeResident: inodeResident = try flag()
    case .pin:
      let bytes = try size(0...(1 << 40))
      guard bytes % 4096 == 0 else { throw bad }
      pinBytes = bytes
    case .pinBackend:
      guard let value = PinBackend(rawValue: text) else { throw bad }
      pinBackend = value
    case .pattern:
      if text == "none" {
        pattern = nil
      } else {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let pinned = ByteSize.decimal(parts[0]), let transient = ByteSize.decimal(parts[1]),
          let value = InjectionPattern(pinnedPages: Int(clamping: pinned), transientPages: Int(clamping: transient))
        else { throw bad }
        pattern = value
      }
    case .mountDemand:
      guard let value = MountDemand.parse(text) else { throw bad }
      mountDemand = value
    case .demandRetry:
      guard let value = DemandRetry(rawValue: text) else { throw bad }
      demandRetry = value
    case .mountTimeout:
      guard let value = DurationText.parse(text), (1_000_000_000...3_600_000_000_000).contains(value) else { throw bad }
      mountTimeoutNanoseconds = value
    case .keepGoing: keepGoing = try flag()
    case .crashedVolumes: crashedVolumes = try flag()
    case .sysctl:
      guard let value = SysctlSetting(text) else { throw bad }
      sysctls.removeAll { $0.key == value.key && $0.stage == value.stage }
      sysctls.append(value)
    case .set:
      guard let value = ModelSetting(text) else { throw bad }
      modelSettings.removeAll { $0.key == value.key }
      modelSettings.append(value)
    case .seed: seed = try number(0...UInt64.max)
    }
  }

  /// The texts of `key` that ``set(_:_:)`` reads back to the same scenario; more than one, or none, only for lists.
  public func texts(of key: ScenarioKey) -> [String] {
    switch key {
    case .memory: [memoryBytes.map(ByteSize.exactText) ?? "none"]
    case .filesystems: ["\(fileSystems)"]
    case .filesystemSize: [ByteSize.exactText(fileSystemBytes)]
    case .files: ["\(files)"]
    case .filesPerDirectory: ["\(filesPerDirectory)"]
    case .rewrites: ["\(rewrites)"]
    case .writeSize: [ByteSize.exactText(UInt64(writeBytes))]
    case .inodeResident: ["\(inodeResident)"]
    case .pin: [ByteSize.exactText(pinBytes)]
    case .pinBackend: [pinBackend.rawValue]
    case .pattern: [pattern?.text ?? "none"]
    case .mountDemand: [mountDemand.text]
    case .demandRetry: [demandRetry.rawValue]
    case .mountTimeout: [DurationText.exactText(mountTimeoutNanoseconds)]
    case .keepGoing: ["\(keepGoing)"]
    case .crashedVolumes: ["\(crashedVolumes)"]
    case .sysctl: sysctls.map(\.text)
    case .set: modelSettings.map(\.text)
    case .seed: ["\(seed)"]
    }
  }

  /// What no single key can tell: values that do not go together.
  public func validate() throws(ScenarioError) {
    if rewrites > 0 && files == 0 && pattern == nil {
      throw ScenarioError(
        key: ScenarioKey.rewrites.rawValue, value: "\(rewrites)", allowed: "0 where files is 0: there is no file to write to")
    }
    if let memoryBytes, pattern == nil, pinBytes >= memoryBytes {
      throw ScenarioError(
        key: ScenarioKey.pin.rawValue, value: ByteSize.exactText(pinBytes),
        allowed: "less than memory (\(ByteSize.exactText(memoryBytes)))")
    }
  }
}
