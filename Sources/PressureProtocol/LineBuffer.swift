/// Turns received bytes into lines within a fixed amount of memory.
///
/// A line that is too long is reported once and skipped up to its newline, so one bad line does not spoil those behind
/// it.
public struct LineBuffer: Sendable {
  /// The most bytes that wait here.
  public static let capacityBytes = 4 * PressureWire.maximumLineLength

  private var bytes: [UInt8] = []
  /// The newline of a line that was reported as too long has not come yet.
  private var isSkipping = false

  public init() {
    bytes.reserveCapacity(Self.capacityBytes)
  }

  /// How many bytes ``append(_:)`` would take.
  public var freeBytes: Int { Self.capacityBytes - bytes.count }

  /// Takes as many bytes as there is room for and returns their number. After ``nextLine()`` has returned nil there is
  /// always room for a line.
  public mutating func append(_ received: some Collection<UInt8>) -> Int {
    let taken = received.prefix(freeBytes)
    bytes.append(contentsOf: taken)
    assert(bytes.count <= Self.capacityBytes)
    return taken.count
  }

  /// The next whole line without its newline; nil when there is none yet. After an error the line is gone and the next
  /// call goes on behind it.
  public mutating func nextLine() throws(PressureProtocolError) -> String? {
    while let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) {
      defer { bytes.removeFirst(newline + 1) }
      if isSkipping {
        isSkipping = false
        continue
      }
      guard newline < PressureWire.maximumLineLength else {
        throw .lineTooLong(limitBytes: PressureWire.maximumLineLength)
      }
      if let offset = bytes[..<newline].firstIndex(where: { !isPrintable($0) }) {
        throw .notText(byte: bytes[offset], offset: offset)
      }
      return String(decoding: bytes[..<newline], as: UTF8.self)
    }
    if isSkipping {
      bytes.removeAll(keepingCapacity: true)
    } else if bytes.count >= PressureWire.maximumLineLength {
      bytes.removeAll(keepingCapacity: true)
      isSkipping = true
      throw .lineTooLong(limitBytes: PressureWire.maximumLineLength)
    }
    return nil
  }
}
