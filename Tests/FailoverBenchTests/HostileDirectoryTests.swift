import CLinux
import Foundation
import LinuxSystem
import Testing

/// Directories that somebody else has had a hand in: root refuses to work there, in one line that names the directory, and leaves them alone.
@Suite(.serialized, .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
struct HostileDirectoryTests {
  init() throws { try Privilege.require() }

  private static func withRoot(_ body: (String) throws -> Void) throws {
    let root = "/var/tmp/fb-test-\(UInt32.random(in: 0 ... .max))"
    try Directory.make(root)
    defer { try? FileManager.default.removeItem(atPath: root) }
    try body(root)
  }

  private static func names(_ root: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
  }

  @Test("a work directory that is not to be trusted is refused and left alone", arguments: PlantedDirectory.allCases)
  func workDirectory(_ plant: PlantedDirectory) throws {
    try Self.withRoot { root in
      let path = try plant.make(in: root)
      let before = try Self.names(root)
      let answer = try Command.run([
        "run", "--scenario", "quick", "--work-dir", path, "--state-dir", "/var/tmp/fb-test-state-never", "--output", root + "/results",
      ])
      #expect(answer.exitCode == 69, "\(answer.error)")
      let words = plant.rawValue.trimmingCharacters(in: .whitespaces)
      #expect(answer.errorLines.contains { $0.contains("work-dir") && $0.contains(words) && $0.contains(path) }, "\(answer.error)")
      #expect(try Self.names(root) == before)
      #expect(!FileManager.default.fileExists(atPath: "/var/tmp/fb-test-state-never"))
    }
  }

  @Test("a state directory that is not to be trusted is refused and left alone", arguments: [PlantedDirectory.symbolicLink, .fifo, .ofStranger, .writableByAll, .belowStranger, .belowWritable])
  func stateDirectory(_ plant: PlantedDirectory) throws {
    try Self.withRoot { root in
      let path = try plant.make(in: root)
      try Directory.make(root + "/work")
      let before = try Self.names(root)
      let answer = try Command.run([
        "run", "--scenario", "quick", "--work-dir", root + "/work", "--state-dir", path, "--output", root + "/results",
      ])
      #expect(answer.exitCode == 69, "\(answer.error)")
      #expect(answer.error.contains(path), "\(answer.error)")
      #expect(try Self.names(root) == before)
    }
  }

  @Test("a results directory where somebody has put a link is not followed")
  func results() throws {
    try Self.withRoot { root in
      try Directory.make(root + "/work")
      try Directory.make(root + "/elsewhere")
      try #require(symlink(root + "/elsewhere", root + "/results") == 0)
      let answer = try Command.run([
        "run", "--scenario", "quick", "--work-dir", root + "/work", "--state-dir", root + "/state", "--output", root + "/results",
      ])
      #expect(answer.exitCode == 64, "\(answer.error)")
      #expect(answer.error.contains("symbolic link"), "\(answer.error)")
      #expect(try Directory.names(in: root + "/elsewhere") == [])
      #expect(try Directory.names(in: root + "/work") == [])
    }
  }

  @Test("names with a line break are refused", arguments: ["--work-dir", "--state-dir", "--output", "--scenario"])
  func lineBreaks(_ option: String) throws {
    try Self.withRoot { root in
      let answer = try Command.run(["run", option, root + "/a\nb"])
      #expect(answer.exitCode == 64, "\(answer.error)")
      #expect(answer.errorLines.count == 1, "\(answer.error)")
      #expect(try Self.names(root) == [])
    }
  }
}

/// Makes a directory that is bad in one way, and returns its path.
enum PlantedDirectory: String, CaseIterable, Sendable {
  case symbolicLink = "it is a symbolic link"
  case fifo = "it is not a directory"
  case file = "it is not a directory "
  case ofStranger = "it belongs to user 54321"
  case writableByAll = "group or others may write to it"
  case belowStranger = "which belongs to user 54321"
  case belowWritable = "may put another in its place"
  case missing = "it is not there"

  /// A user that no machine has.
  private static let stranger: UInt32 = 54_321

  func make(in root: String) throws -> String {
    let path = root + "/named"
    switch self {
    case .symbolicLink:
      try Directory.make(root + "/elsewhere")
      try #require(symlink(root + "/elsewhere", path) == 0)
    case .fifo: try #require(mkfifo(path, 0o600) == 0)
    case .file: try OwnedDescriptor(opening: path, O_RDWR | O_CREAT).close()
    case .ofStranger:
      try Directory.make(path)
      try #require(chown(path, Self.stranger, 0) == 0)
    case .writableByAll:
      try Directory.make(path)
      try #require(chmod(path, 0o777) == 0)
    case .belowStranger, .belowWritable:
      try Directory.make(path)
      try Directory.make(path + "/inner")
      if self == .belowStranger { try #require(chown(path, Self.stranger, 0) == 0) } else { try #require(chmod(path, 0o777) == 0) }
      return path + "/inner"
    case .missing: break
    }
    return path
  }
}
