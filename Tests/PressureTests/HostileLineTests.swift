import PressureProtocol
import TestSupport
import Testing

@Suite("Hostile input to the pressure protocol")
struct HostileLineTests {
  /// Good lines with some bytes changed, cut, doubled or joined: near the grammar, where a decoder would slip.
  static func mutated(using generator: inout SeededGenerator) -> [UInt8] {
    let good =
      ProtocolTests.requests.map(\.encoded) + ProtocolTests.replies.map(\.encoded)
    var line = Array(good.randomElement(using: &generator)!.utf8)
    for _ in 0..<Int.random(in: 0...6, using: &generator) where !line.isEmpty {
      let index = line.indices.randomElement(using: &generator)!
      switch Int.random(in: 0...6, using: &generator) {
      case 0: line[index] = UInt8.random(in: 0...255, using: &generator)
      case 1: line.remove(at: index)
      case 2: line.insert(UInt8.random(in: 0x20...0x7e, using: &generator), at: index)
      case 3: line.removeLast(line.count - index)
      case 4: line.insert(contentsOf: good.randomElement(using: &generator)!.utf8, at: index)
      case 5: line[index] = Array("0123456789:,=% \n-".utf8).randomElement(using: &generator)!
      default: line.insert(contentsOf: repeatElement(line[index], count: 30), at: index)
      }
    }
    return line
  }

  @Test(
    "every line is a message or a typed error, and a message survives being sent again",
    arguments: 1...4 as ClosedRange<UInt64>)
  func decode(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var errors = 0
    for _ in 0..<2000 {
      let line = String(decoding: Self.mutated(using: &generator), as: UTF8.self)
      do throws(PressureProtocolError) {
        let request = try PressureRequest.decode(line)
        let again = try PressureRequest.decode(request.encoded)
        #expect(again == request)
      } catch {
        errors += error.description.isEmpty ? 0 : 1
      }
      do throws(PressureProtocolError) {
        let reply = try PressureReply.decode(line)
        #expect(reply.encoded.utf8.count <= PressureWire.maximumLineLength)
        let again = try PressureReply.decode(reply.encoded)
        #expect(again == reply)
      } catch {
        errors += error.description.isEmpty ? 0 : 1
      }
    }
    #expect(errors > 2000, "the other direction's verbs alone are half")
  }

  @Test("an overlong line is refused before it is looked into")
  func overlong() {
    let line = "pin pages=1 backend=pipe" + String(repeating: " ", count: PressureWire.maximumLineLength)
    #expect(throws: PressureProtocolError.lineTooLong(limitBytes: 4096)) { try PressureRequest.decode(line) }
  }

  /// Feeds bytes in the given pieces; what comes out, errors included.
  static func lines(_ bytes: [UInt8], piece: () -> Int) -> [String] {
    var buffer = LineBuffer()
    var found: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      var fed = rest.prefix(piece())
      rest = rest.dropFirst(fed.count)
      while !fed.isEmpty {
        fed = fed.dropFirst(buffer.append(fed))
        drain: while true {
          do throws(PressureProtocolError) {
            guard let line = try buffer.nextLine() else { break drain }
            found.append(line)
          } catch {
            found.append("error: \(error)")
          }
        }
      }
    }
    return found
  }

  @Test("how bytes are cut into pieces makes no difference", arguments: 1...4 as ClosedRange<UInt64>)
  func pieces(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<50 {
      bytes += Self.mutated(using: &generator)
      if Int.random(in: 0...9, using: &generator) == 0 { bytes += [UInt8](repeating: 0x61, count: 9000) }
    }
    bytes.append(10)
    let one = Self.lines(bytes) { 1 }
    let random = Self.lines(bytes) { Int.random(in: 1...6000, using: &generator) }
    let whole = Self.lines(bytes) { bytes.count }
    #expect(one == random)
    #expect(one == whole)
    #expect(one.contains { $0.hasPrefix("error: a line of more than") })
  }

  @Test("a buffer never takes more than its capacity, and a line behind an overlong one is found")
  func bounded() throws {
    var buffer = LineBuffer()
    #expect(buffer.append([UInt8](repeating: 0x61, count: 1 << 20)) == LineBuffer.capacityBytes)
    #expect(buffer.freeBytes == 0)
    #expect(throws: PressureProtocolError.lineTooLong(limitBytes: 4096)) { try buffer.nextLine() }
    #expect(buffer.freeBytes == LineBuffer.capacityBytes)
    #expect(buffer.append(Array("aaa\nquit\nst".utf8)) == 11)
    #expect(try buffer.nextLine() == "quit")
    #expect(try buffer.nextLine() == nil)
    #expect(buffer.append(Array("atus\n".utf8)) == 5)
    #expect(try buffer.nextLine() == "status")
    #expect(try buffer.nextLine() == nil)
  }

  @Test("the longest line allowed passes, one byte more does not")
  func limit() throws {
    var buffer = LineBuffer()
    let longest = [UInt8](repeating: 0x61, count: PressureWire.maximumLineLength - 1)
    _ = buffer.append(longest + [10])
    #expect(try buffer.nextLine()?.utf8.count == PressureWire.maximumLineLength - 1)
    _ = buffer.append(longest + [0x61, 10])
    #expect(throws: PressureProtocolError.lineTooLong(limitBytes: 4096)) { try buffer.nextLine() }
    #expect(try buffer.nextLine() == nil)
  }
}
