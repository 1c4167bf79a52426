import Experiment
import LinuxSystem
import SystemPackage

/// One of the file systems that fail over: an image with an XFS of its own UUID and a sentinel file inside.
struct VolumeImage: Sendable {
  let path: String
  let uuid: String
  /// What the sentinel file holds. Service is restored only when it is read back.
  let sentinel: String

  static let sentinelName = "sentinel"
}

/// Makes XFS images with the real mkfs.xfs(8).
struct ImageMaker {
  let mkfsPath: String
  let directory: String
  let runID: String
  let seed: UInt64

  /// Makes `name`, sparse and `bytes` long. The sentinel goes in by a protofile (mkfs.xfs -p), so that no mount is needed.
  func make(_ name: String, number: Int, bytes: UInt64, withSentinel: Bool, journal: inout RunJournal)
    throws(TestbedFailure) -> VolumeImage
  {
    let path = "\(directory)/\(name).img"
    let uuid = Self.uuid(seed: seed, number: number)
    let sentinel = "failover-bench \(runID) volume \(number) \(uuid)\n"
    try makeFile(path, bytes: bytes)
    var arguments = ["-q", "-K", "-m", "uuid=\(uuid)"]
    if withSentinel {
      // Names without a path: a protofile is split at white space, and the directory's name may hold some.
      try write(sentinel, to: "\(name).sentinel")
      try write(
        "/dev/null\n0 0\nd--755 0 0\n\(VolumeImage.sentinelName) ---644 0 0 \(name).sentinel\n$\n", to: "\(name).proto")
      arguments += ["-p", "\(name).proto"]
    }
    try runMkfs(arguments + ["\(name).img"], image: path, log: "\(name).mkfs.log", journal: &journal)
    if withSentinel {
      try? FileSystem.removeFile("\(directory)/\(name).sentinel")
      try? FileSystem.removeFile("\(directory)/\(name).proto")
    }
    return VolumeImage(path: path, uuid: uuid, sentinel: sentinel)
  }

  /// Makes `name` with a file system of any kind, sparse, `bytes` long and empty.
  func make(_ name: String, number: Int, bytes: UInt64, fileSystem: ProfiledFileSystem, journal: inout RunJournal)
    throws(TestbedFailure) -> VolumeImage
  {
    let path = "\(directory)/\(name).img"
    let uuid = Self.uuid(seed: seed, number: number)
    try makeFile(path, bytes: bytes)
    try runMkfs(
      fileSystem.mkfsArguments(uuid: uuid) + ["\(name).img"], image: path, log: "\(name).mkfs.log",
      tool: fileSystem.mkfsName, journal: &journal)
    return VolumeImage(path: path, uuid: uuid, sentinel: "")
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
    _ arguments: [String], image: String, log: String, tool: String = "mkfs.xfs", journal: inout RunJournal
  ) throws(TestbedFailure) {
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
