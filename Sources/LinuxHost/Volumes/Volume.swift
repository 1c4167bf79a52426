import Experiment
import LinuxSystem
import SystemPackage

/// One of the file systems that fail over: an image with a UUID of its own and a sentinel file inside.
struct VolumeImage: Sendable {
  let path: String
  let uuid: String
  /// What the sentinel file holds. Service is restored only when it is read back.
  let sentinel: String

  static let sentinelName = "sentinel"
}

/// Makes images with the real mkfs(8).
struct ImageMaker {
  let mkfsPath: String
  let directory: String
  let runID: String
  let seed: UInt64

  /// Makes `name`, sparse and `bytes` long, as a volume that fails over. The sentinel goes in by mkfs itself, so that no mount is needed.
  func make(_ name: String, number: Int, bytes: UInt64, _ volumes: VolumeFormat, journal: inout RunJournal)
    throws(TestbedFailure) -> VolumeImage
  {
    let uuid = Self.uuid(seed: seed, number: number)
    let sentinel = "failover-bench \(runID) volume \(number) \(uuid)\n"
    // A directory of mkfs.ext4 and mkfs.btrfs; for mkfs.xfs beside a protofile. Names without a path: a protofile is split at white space, and
    // the directory's name may hold some.
    let root = "\(name).root"
    try attempting("make the directory of the sentinel") { () throws(SystemError) in
      try Directory.make("\(directory)/\(root)", permissions: 0o755)
    }
    try write(sentinel, to: "\(root)/\(VolumeImage.sentinelName)")
    if volumes.fileSystem == .xfs {
      try write(
        "/dev/null\n0 0\nd--755 0 0\n\(VolumeImage.sentinelName) ---644 0 0 \(root)/\(VolumeImage.sentinelName)\n$\n",
        to: "\(name).proto")
    }
    let source =
      switch volumes.fileSystem {
      case .xfs: ["-p", "\(name).proto"]
      case .ext4: ["-d", root]
      case .btrfs: ["--rootdir", root]
      }
    let image = try make(
      name, uuid: uuid, bytes: bytes, volumes.fileSystem, volumes.mkfsArguments + source, sentinel: sentinel,
      journal: &journal)
    try? FileSystem.removeFile("\(directory)/\(root)/\(VolumeImage.sentinelName)")
    try? FileSystem.removeDirectory("\(directory)/\(root)")
    try? FileSystem.removeFile("\(directory)/\(name).proto")
    return image
  }

  /// Makes `name` with a file system of any kind, sparse, `bytes` long and empty.
  func make(
    empty name: String, number: Int, bytes: UInt64, _ fileSystem: VolumeFileSystem, journal: inout RunJournal
  ) throws(TestbedFailure) -> VolumeImage {
    try make(
      name, uuid: Self.uuid(seed: seed, number: number), bytes: bytes, fileSystem, [], sentinel: "", journal: &journal)
  }

  private func make(
    _ name: String, uuid: String, bytes: UInt64, _ fileSystem: VolumeFileSystem, _ arguments: [String],
    sentinel: String, journal: inout RunJournal
  ) throws(TestbedFailure) -> VolumeImage {
    let path = "\(directory)/\(name).img"
    try makeFile(path, bytes: bytes)
    try runMkfs(
      fileSystem, fileSystem.mkfsArguments(uuid: uuid) + arguments + ["\(name).img"], image: path,
      log: "\(name).mkfs.log", journal: &journal)
    return VolumeImage(path: path, uuid: uuid, sentinel: sentinel)
  }

  private func makeFile(_ path: String, bytes: UInt64) throws(TestbedFailure) {
    try attempting("make the image") { () throws(SystemError) in
      try attempt("make", path) { () throws(Errno) in
        let file = try Descriptor(opening: path, .readWrite, [.create, .exclusiveCreate, .noFollow])
        try file.setSize(Int64(bytes))
        try file.close()
      }
    }
  }

  private func runMkfs(
    _ fileSystem: VolumeFileSystem, _ arguments: [String], image: String, log: String, journal: inout RunJournal
  ) throws(TestbedFailure) {
    let tool = fileSystem.mkfsName
    let ending = try attempting("run \(tool)") { () throws(SystemError) -> ChildProcess.Ending in
      let output = try attempt("open", "\(directory)/\(log)") { () throws(Errno) in
        try Descriptor(opening: "\(directory)/\(log)", .readWrite, [.create, .truncate, .noFollow])
      }
      let process = try ChildProcess(spawning: mkfsPath, arguments, output: output.rawValue, directory: directory)
      try journal.withChild(process, role: tool) { _ = $0.hasEnded(withinNanoseconds: .max) }
      return process.wait()
    }
    guard ending.isSuccess else {
      let said =
        KernelFile.trimmed("\(directory)/\(log)")?.split(separator: "\n").first.map(String.init) ?? "no message"
      throw TestbedFailure(
        .fault, operation: "make the file system in", subject: image, reason: "\(tool) \(ending): \(said)",
        advice: "check the free space of the work directory and --filesystem-size")
    }
    try? FileSystem.removeFile("\(directory)/\(log)")
  }

  private func write(_ text: String, to name: String) throws(TestbedFailure) {
    let path = "\(directory)/\(name)"
    try attempting("write the protofile") { () throws(SystemError) in
      try attempt("write", path) { () throws(Errno) in
        let file = try Descriptor(opening: path, .writeOnly, [.create, .truncate, .noFollow])
        try file.write(Array(text.utf8))
        try file.close()
      }
    }
  }

  /// A version 4 UUID drawn from the seed: the same run makes the same volumes.
  static func uuid(seed: UInt64, number: Int) -> String {
    var random = RandomGenerator(seed: seed ^ (UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    var digits = Array(hexadecimal(random.next()) + hexadecimal(random.next()))
    digits[12] = "4"
    digits[16] = ["8", "9", "a", "b"][Int(random.below(4))]
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text += "-" }
      text.append(digit)
    }
    return text
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
