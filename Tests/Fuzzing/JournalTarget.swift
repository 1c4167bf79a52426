@testable import HostJournal

/// A journal of anybody's making. Root acts on what is read of it.
enum JournalTarget {
  static func read(_ bytes: [UInt8]) { check(JournalReader.read(bytes: text(bytes))) }

  /// The first byte says whether the rest is a journal as it is, or gets right checksums.
  static func text(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.first else { return [] }
    return first & 1 == 0 ? Array(bytes.dropFirst()) : signed(bytes.dropFirst())
  }

  /// With the right checksum behind each line: no fuzzer guesses one, and a forger needs not.
  private static func signed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.split(separator: 10, omittingEmptySubsequences: false).flatMap { (line: ArraySlice<UInt8>) -> [UInt8] in
      Array(line) + [0x20] + Checksum.text(Checksum.of(line)) + [10]
    }
  }

  private static func check(_ contents: JournalContents) {
    promise(contents.problems.count <= 1_000, "\(contents.problems.count) problems")
    for problem in contents.problems { promise(!problem.description.contains("\n"), "a problem of two lines") }
    for entry in contents.changes {
      let change = entry.change
      // Root acts on what it reads: nothing may get through that a run could not have written.
      promise(change.defect == nil, "a change with a defect was read: \(change)")
      promise(!change.description.contains("\n"), "a change of two lines")
      switch change {
      case .sysctl(let key, _, _): promise(!key.contains("/") && !key.contains(".."), "the key \(key)")
      case .deviceNode(let path, _, _), .plannedDirectory(let path), .directory(let path, _, _):
        promise(path.hasPrefix("/") && !path.split(separator: "/").contains(".."), "the path \(path)")
      case .process(let pid, _, _): promise(pid > 1, "process \(pid)")
      case .loopNode(let number), .loopBinding(let number, _, _, _): promise(number >= 0, "loop \(number)")
      case .kernelModule(let name): promise(name == pinningModuleName, "the module \(name)")
      case .mappedDevice(let name):
        promise(name.hasPrefix("failover-bench-") && !name.contains("/"), "the device \(name)")
      case .memoryBlock(let number, let zone, _): promise(number >= 0 && zone == "Normal", "block \(number) of \(zone)")
      case .traceInstance(let name): promise(!name.contains("/") && name != "..", "the instance \(name)")
      }
      // What was read is written again as it was.
      let line = JournalLine("change", [.init(name: "id", value: String(entry.id))] + change.fields).encoded()
      promise(line.count <= JournalLine.byteLimit, "a line of \(line.count) bytes")
    }
  }
}
