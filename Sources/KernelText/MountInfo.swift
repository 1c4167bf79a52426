/// /proc/PID/mountinfo (proc(5)).
public struct MountInfo: Equatable, Sendable {
  public struct Device: Equatable, Sendable {
    public let major: UInt32
    public let minor: UInt32
  }

  public struct Entry: Equatable, Sendable {
    public let mountID: Int
    public let parentID: Int
    public let device: Device
    public let root: String
    public let mountPoint: String
    public let options: String
    public let optionalFields: [String]
    public let fileSystem: String
    public let source: String
    public let superOptions: String
  }

  public let entries: [Entry]

  public static func parse(_ text: String) throws(KernelTextError) -> MountInfo {
    var entries: [Entry] = []
    for line in Fields.lines(text, of: "/proc/self/mountinfo") {
      // One space stands between two fields, and the source may be empty: mount("", ...).
      let words = line.text.utf8.split(separator: 32, omittingEmptySubsequences: false).map { Substring($0) }
      guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count >= dash + 3,
        let mountID = Fields.integer(words[0]),
        let parentID = Fields.integer(words[1])
      else { throw line.error("the fields of proc(5), a '-' among them") }
      let numbers = words[2].split(separator: ":", omittingEmptySubsequences: false).map { Fields.decimal($0) }
      guard numbers.count == 2, let major = numbers[0].flatMap({ UInt32(exactly: $0) }),
        let minor = numbers[1].flatMap({ UInt32(exactly: $0) })
      else {
        throw line.error("MAJOR:MINOR as third field")
      }
      entries.append(
        Entry(
          mountID: mountID, parentID: parentID, device: Device(major: major, minor: minor), root: unescaped(words[3]),
          mountPoint: unescaped(words[4]), options: String(words[5]), optionalFields: words[6..<dash].map(String.init),
          fileSystem: unescaped(words[dash + 1]), source: unescaped(words[dash + 2]),
          superOptions: words.count > dash + 3 ? String(words[dash + 3]) : ""))
    }
    return MountInfo(entries: entries)
  }

  /// The kernel writes space, tab, newline and backslash as \040 and so on.
  static func unescaped(_ word: Substring) -> String {
    var bytes: [UInt8] = []
    let raw = Array(word.utf8)
    var index = 0
    while index < raw.count {
      if raw[index] == 92, index + 3 < raw.count, raw[(index + 1)...(index + 3)].allSatisfy({ $0 >= 48 && $0 <= 55 }) {
        let value = Int(raw[index + 1] - 48) * 64 + Int(raw[index + 2] - 48) * 8 + Int(raw[index + 3] - 48)
        bytes.append(UInt8(truncatingIfNeeded: value))
        index += 4
      } else {
        bytes.append(raw[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
