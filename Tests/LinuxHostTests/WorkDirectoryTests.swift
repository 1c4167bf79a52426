import CLinux
@testable import LinuxHost
import LinuxSystem
import TestSupport
import SystemPackage
import Testing

/// The work directory as the preflight sees it, with what an unprivileged user can plant.
@Suite struct WorkDirectoryTests {
  private let planted: PlantedDirectory

  init() throws { planted = try PlantedDirectory() }

  private func problem(_ path: String) -> String? {
    HostProbe.read(
      sysctls: [], workDirectory: path, stateDirectory: "\(planted.path)/state", helperPath: "/none", mkfsPath: nil
    ).workDirectory.problem
  }

  @Test func whatIsNotADirectoryOfItsOwnIsRefused() throws {
    let good = try planted.directory("good")
    #expect(problem(good) == nil)
    #expect(problem(try planted.directory("sticky", mode: 0o1777)) == nil)
    #expect(problem("\(planted.path)/none") == "it does not exist")
    #expect(problem(try planted.link("link", to: good)) == "it is a symbolic link")
    try #require(mkfifo("\(planted.path)/fifo", 0o600) == 0)
    // Must not be waited for.
    #expect(problem("\(planted.path)/fifo") == "it is not a directory")
    let file = try Descriptor(opening: "\(planted.path)/file", .writeOnly, [.create, .exclusiveCreate])
    try file.close()
    #expect(problem("\(planted.path)/file") == "it is not a directory")
  }

  @Test func whatOthersMayWriteToIsRefused() throws {
    let open = try planted.directory("open", mode: 0o777)
    try #require(mkdir(open + "/below", 0o700) == 0)
    for path in [open, open + "/below"] {
      #expect(problem(path) == "others may write to \(open), and so could lead what root does in it elsewhere")
    }
    // Nothing is tried in what is refused: no file, named or not.
    #expect(
      HostProbe.read(sysctls: [], workDirectory: open, stateDirectory: "/none", helperPath: "/none", mkfsPath: nil)
        .workDirectory.takesDirectIO == nil)
  }

  @Test(.enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
  func whatBelongsToSomebodyElseIsRefused() throws {
    try Privilege.require()
    let theirs = try planted.directory("theirs", owner: PlantedDirectory.nobody)
    try #require(mkdir(theirs + "/roots", 0o700) == 0)
    for path in [theirs, theirs + "/roots"] {
      #expect(
        problem(path)
          == "\(theirs) belongs to user \(PlantedDirectory.nobody), and so could lead what root does in it elsewhere")
    }
  }
}
