@testable import HostJournal
import TestSupport
import Testing

@Suite struct DamageTests {
  let whole = journalBytes(sampleChanges, undone: [3, 5])

  @Test func cutAtEveryByte() {
    let complete = JournalReader.read(bytes: whole)
    let headerLength = sampleHeader().line.encoded().count
    for length in 0...whole.count {
      let contents = JournalReader.read(bytes: Array(whole[..<length]))
      let changes = contents.changes.map(\.change)
      #expect(changes == Array(complete.changes.map(\.change).prefix(changes.count)), "cut at \(length)")
      if length >= headerLength {
        #expect(contents.header == complete.header)
        // Half a line at the end is no damage: its change was never made.
        #expect(!contents.isDamaged, "cut at \(length)")
        #expect(contents.problems.allSatisfy { $0.kind == .tornLastLine })
      } else {
        #expect(contents.header == nil && contents.changes.isEmpty)
        #expect(contents.isDamaged == (length > 0))
      }
    }
  }

  @Test func everyFlippedBitIsSeenAndCostsOneLineAtMost() {
    let complete = JournalReader.read(bytes: whole)
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << bit
        let contents = JournalReader.read(bytes: bytes)
        #expect(!contents.problems.isEmpty, "byte \(index), bit \(bit)")
        let missing = complete.changes.filter { entry in !contents.changes.contains { $0.id == entry.id } }
        #expect(missing.count <= 1)
        for entry in contents.changes {
          #expect(complete.changes.contains { $0.id == entry.id && $0.change == entry.change })
        }
      }
    }
  }

  @Test func halfALineInTheMiddleDoesNotSwallowTheNext() {
    // A full disk cut a line; then another process wrote the next one.
    let line = JournalLine("change", [.init(name: "id", value: "9")] + sampleChanges[1].fields).encoded()
    let next = JournalLine("change", [.init(name: "id", value: "10")] + sampleChanges[5].fields).encoded()
    let bytes = journalBytes([]) + [0x0a] + line.prefix(20) + [0x0a] + next + [0x0a]
    let contents = JournalReader.read(bytes: bytes)
    #expect(contents.pending.map(\.id) == [10])
    #expect(contents.problems.map(\.kind) == [.damagedLine])
  }

  @Test(arguments: 1...8) func hostileBytes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var bytes: [UInt8]
      switch Int.random(in: 0..<3, using: &generator) {
      case 0:
        let count = Int.random(in: 0..<400, using: &generator)
        bytes = (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
      case 1:
        // Mutations of the real thing.
        bytes = whole
        for _ in 0..<Int.random(in: 1..<20, using: &generator) {
          let index = Int.random(in: 0..<bytes.count, using: &generator)
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: bytes[index] = .random(in: .min ... .max, using: &generator)
          case 1: bytes.remove(at: index)
          default: bytes.insert(contentsOf: bytes[0..<index].suffix(30), at: index)
          }
        }
      default:
        bytes = hostileLines(&generator)
      }
      let contents = JournalReader.read(bytes: bytes)
      #expect(contents.changes.allSatisfy { $0.change.defect == nil })
      #expect(contents.problems.count <= JournalReader.problemLimit + 1)
    }
  }

  /// Lines whose checksums are right, with anything in them.
  private func hostileLines(_ generator: inout SeededGenerator) -> [UInt8] {
    let names = ["id", "kind", "number", "path", "key", "previous", "new", "pid", "ticks", "role", "version", "inode"]
    let values = [
      "", "0", "-1", "+1", "18446744073709551616", "9223372036854775808", "99999999999999999999999", "sysctl",
      "loop-node", "directory", "process", "%", "%0", "%zz", "%ff", "%00", "/", "/..", "1", "2", "%2", "e9",
    ]
    let verbs = ["change", "undone", "released", "note", JournalHeader.verb, "", "-", "CHANGE"]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0..<12, using: &generator) {
      var content = Array(verbs.randomElement(using: &generator)!.utf8)
      for _ in 0..<Int.random(in: 0..<40, using: &generator) {
        content += Array(" \(names.randomElement(using: &generator)!)=\(values.randomElement(using: &generator)!)".utf8)
      }
      bytes += content + [0x20] + Checksum.text(Checksum.of(content[...])) + [0x0a]
    }
    return bytes
  }

  @Test func moreThanAJournalCanBe() {
    let contents = JournalReader.read(bytes: [UInt8](repeating: 0x0a, count: JournalReader.byteLimit + 1))
    #expect(contents.problems.map(\.kind) == [.tooLarge(bytes: JournalReader.byteLimit + 1)])
    #expect(contents.isDamaged)
    let full = JournalReader.read(bytes: [UInt8](repeating: 0x78, count: JournalReader.byteLimit))
    #expect(full.changes.isEmpty && full.isDamaged)
  }

  @Test func manyDamagedLinesAreNotAllListed() {
    let bytes = journalBytes([]) + Array(repeating: Array("x\n".utf8), count: 10_000).joined()
    #expect(JournalReader.read(bytes: bytes).problems.count == JournalReader.problemLimit + 1)
  }

  @Test func anotherVersionIsLeftAlone() {
    var header = sampleHeader()
    header.version = 2
    let contents = JournalReader.read(bytes: journalBytes(sampleChanges, header: header))
    #expect(contents.changes.isEmpty)
    #expect(contents.problems.map(\.kind) == [.unsupportedVersion(2)])
  }

  @Test func withoutItsHeaderTheRestIsStillRead() {
    let contents = JournalReader.read(bytes: journalBytes(sampleChanges, header: nil))
    #expect(contents.header == nil)
    #expect(contents.changes.count == sampleChanges.count)
    #expect(contents.problems.map(\.kind) == [.noHeader])
  }

  @Test func oneIdCannotMeanTwoThings() {
    let again = JournalLine("change", [.init(name: "id", value: "1")] + sampleChanges[1].fields).encoded()
    let contents = JournalReader.read(bytes: journalBytes([sampleChanges[1]]) + again + [0x0a])
    #expect(contents.changes.count == 1 && contents.problems.isEmpty)
    let other = JournalLine("change", [.init(name: "id", value: "1")] + sampleChanges[5].fields).encoded()
    #expect(JournalReader.read(bytes: journalBytes([sampleChanges[1]]) + other + [0x0a]).isDamaged)
  }

  @Test func undoneWithoutItsChangeIsHarmless() {
    let contents = JournalReader.read(bytes: journalBytes([], undone: [12]))
    #expect(contents.problems.map(\.kind) == [.unknownChange(id: 12)])
    #expect(!contents.isDamaged)
  }
}
