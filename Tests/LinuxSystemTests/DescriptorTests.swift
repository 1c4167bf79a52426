import LinuxSystem
import SystemPackage
import Testing

@Suite struct DescriptorTests {
  private static func temporaryDirectory() throws -> PrivateDirectory { try PrivateDirectory("failover-bench-test-") }

  /// A directory of /proc whose process has ended can be read no more: that is no empty directory.
  @Test func anErrorInTheMiddleOfADirectoryIsOne() throws {
    let child = try ChildProcess(spawning: "tail", ["-f", "/dev/null"])
    let directory = try Descriptor(opening: "/proc/\(child.processID)/task", .readOnly, .directory)
    #expect(try directory.entryNames().map(readable) == ["\(child.processID)"])
    child.signal(SignalDescriptor.kill)
    _ = child.wait()
    #expect(throws: Errno.noSuchProcess) { try directory.entryNames() }
  }

  @Test func aDirectoryThatIsNotThereIsNamed() throws {
    #expect(throws: SystemError(operation: "list directory", subject: "/nowhere", errno: .noSuchFileOrDirectory)) {
      try Directory.names(in: "/nowhere")
    }
  }

  @Test func namesNeedNotBeText() throws {
    let place = try Self.temporaryDirectory()
    let directory = try Descriptor(opening: place.path, .readOnly, .directory)
    let name: [CChar] = [0x61, -1, 0]
    try directory.open(name, .writeOnly, [.create, .exclusiveCreate]).close()
    #expect(try directory.entryNames() == [name])
    #expect(readable(name) == "a\u{FFFD}")
    try directory.removeFile(name)
    #expect(try directory.entryNames() == [])
  }

  @Test func moreThanTheLimitIsNotRead() throws {
    let place = try Self.temporaryDirectory()
    try place.write("12345678", named: "file")
    let path = "\(place.path)/file"
    #expect(try Descriptor(opening: path, .readOnly).readToEnd(limitBytes: 8) == Array("12345678".utf8))
    #expect(throws: Errno.fileTooLarge) { try Descriptor(opening: path, .readOnly).readToEnd(limitBytes: 7) }
    #expect(throws: SystemError(operation: "read", subject: path, errno: .fileTooLarge)) {
      try KernelFile.read(path, limitBytes: 7)
    }
    #expect(try KernelFile.bytesIfPresent(path + ".none") == nil)
  }

  @Test func aDroppedDescriptorIsClosedAndAReleasedOneIsNot() throws {
    let place = try Self.temporaryDirectory()
    let number: Int32
    do {
      let file = try Descriptor(opening: place.path, .readOnly, .directory)
      number = file.rawValue
    }
    #expect(FileLink.target(of: "/proc/self/fd/\(number)") != place.path)
    let released = try Descriptor(opening: place.path, .readOnly, .directory).release()
    #expect(FileLink.target(of: "/proc/self/fd/\(released)") == place.path)
    try Descriptor(adopting: released).close()
  }

  @Test func locksOfTwoDescriptorsExcludeEachOther() throws {
    let place = try Self.temporaryDirectory()
    try place.write("", named: "lock")
    let first = try Descriptor(opening: "\(place.path)/lock", .readWrite)
    let second = try Descriptor(opening: "\(place.path)/lock", .readWrite)
    #expect(try first.tryLock(exclusively: true))
    #expect(try !second.tryLock(exclusively: false))
    try first.unlock()
    #expect(try second.tryLock(exclusively: false))
  }
}

@Suite struct DirectoryWalkTests {
  @Test func whatIsMissingIsMadeAndALinkOfOursIsFollowed() throws {
    let place = try PrivateDirectory("failover-bench-test-")
    let top = try Descriptor(opening: place.path, .readOnly, .directory)
    try top.makeDirectory("real")
    try top.makeSymbolicLink("link", to: "real")
    defer {
      for name in ["real/a/b", "real/a", "real"] { try? FileSystem.removeDirectory("\(place.path)/\(name)") }
    }
    let found = try DirectoryWalk.parent(of: "\(place.path)/link/a/b/file", making: true, owner: nil)
    #expect(try found.status().inode == FileSystem.status(of: "\(place.path)/real/a/b").inode)
    #expect(throws: DirectoryWalk.Failure.self) {
      _ = try DirectoryWalk.parent(of: "\(place.path)/real/none/file", making: false, owner: nil)
    }
  }

  @Test func aCircleOfLinksEnds() throws {
    let place = try PrivateDirectory("failover-bench-test-")
    let top = try Descriptor(opening: place.path, .readOnly, .directory)
    try top.makeSymbolicLink("one", to: "two")
    try top.makeSymbolicLink("two", to: "one")
    do throws(DirectoryWalk.Failure) {
      _ = try DirectoryWalk.parent(of: "\(place.path)/one/file", making: false, owner: nil)
      Issue.record("a circle was followed")
    } catch {
      #expect(error.errno == .tooManySymbolicLinkLevels && error.plantedBy == nil)
    }
  }
}

@Suite struct ProcessDescriptorTests {
  @Test func itIsReadableOnceTheProcessHasEnded() throws {
    let child = try ChildProcess(spawning: "tail", ["-f", "/dev/null"])
    let process = try ProcessDescriptor(child.processID)
    let endedBefore = process.hasEnded()
    #expect(!endedBefore)
    try process.signal(SignalDescriptor.kill)
    let hasEnded = process.hasEnded(withinNanoseconds: 600_000_000_000)
    #expect(hasEnded)
    let ending = child.wait()
    #expect(ending == .signaled(SignalDescriptor.kill))
    #expect(throws: Errno.noSuchProcess) { try process.signal(SignalDescriptor.kill) }
  }
}
