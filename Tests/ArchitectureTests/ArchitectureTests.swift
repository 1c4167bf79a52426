import Testing

@Suite struct ArchitectureTests {
  private let repository = Repository()

  @Test func everyModuleHasItsRow() throws {
    for module in try repository.entries("Sources") {
      #expect(ModuleTable.rows[module] != nil, "Sources/\(module) has no row in the table of modules")
    }
  }

  @Test func aModuleImportsWhatItsRowNames() throws {
    let sources = try repository.sources()
    #expect(sources.count > 20, "the sources were not found")
    for file in sources {
      guard let allowed = ModuleTable.rows[file.module] else { continue }
      for (line, module) in file.imports {
        #expect(allowed.contains(module), "\(file.path):\(line): \(file.module) must not import \(module)")
      }
    }
  }

  /// By module, what its files really import.
  private func imports() throws -> [String: Set<String>] {
    var imports: [String: Set<String>] = [:]
    for file in try repository.sources() {
      imports[file.module, default: []].formUnion(file.imports.map(\.module))
    }
    return imports
  }

  /// What a row allows and no file uses is an old permission.
  @Test func theTableAllowsNothingThatIsNotUsed() throws {
    let imports = try imports()
    for (module, allowed) in ModuleTable.rows {
      #expect(allowed.subtracting(imports[module] ?? []).isEmpty, "\(module) may import more than it does")
    }
  }

  /// Foundation brings a locale, a run loop and megabytes along; two modules need it.
  @Test func foundationStaysAtTheEdge() throws {
    let users = try imports().filter { $0.value.contains("Foundation") }.keys
    #expect(Set(users) == ["RecordFiles", "FailoverBench"])
  }

  /// A testbed is one thread: its handles cannot cross into a task, teardown must not be cancelled, and CPU time is a thread's.
  @Test func noTestbedRunsOnSeveralThreads() throws {
    let modules: Set = [
      "Experiment", "MemoryModel", "LinuxSystem", "HostJournal", "LinuxHost", "Supervision", "PressureHelper",
    ]
    for file in try repository.sources() where modules.contains(file.module) {
      for (index, line) in file.code.enumerated() {
        #expect(
          line.firstMatch(of: /\b(?:DispatchQueue|async|await|Task|TaskGroup|Thread)\b/) == nil,
          "\(file.path):\(index + 1): \(line)")
      }
    }
  }

  /// Errno, EINTR and who closes what are dealt with in LinuxSystem. The helper has calls of its own where it pins and reads memory.
  @Test func onlyTheFloorCallsTheCLibrary() throws {
    let cModules: Set = ["CLinux", "Glibc", "Musl", "Darwin"]
    for (module, imports) in try imports() where !["LinuxSystem", "PressureHelper"].contains(module) {
      #expect(imports.isDisjoint(with: cModules), "\(module) goes round LinuxSystem")
    }
    // Foundation, Dispatch, libmount and libblkid hand the C library on.
    let users: Set = ["RecordFiles", "FailoverBench", "LinuxHost", "Sweeps"]
    for file in try repository.sources() where users.contains(file.module) {
      for (index, line) in file.code.enumerated() {
        #expect(Self.libraryCall(in: line) == nil, "\(file.path):\(index + 1): \(line)")
      }
    }
  }

  private static let libraryFunctions: Set<String> = [
    "access", "chmod", "chown", "clock_gettime", "close", "closedir", "dup", "dup2", "fchmod", "fchown", "fcntl",
    "fork", "fstat", "fstatat",
    "fsync", "ftruncate", "getegid", "geteuid", "getenv", "getgid", "getpid", "getppid", "getrlimit", "getuid", "ioctl",
    "isatty", "kill",
    "link", "linkat", "lseek", "lstat", "madvise", "mkdir", "mkdirat", "mkfifo", "mknod", "mkstemp", "mlock", "mmap",
    "munmap", "nanosleep",
    "openat", "opendir", "pipe", "pipe2", "poll", "pread", "pwrite", "readdir", "readlink", "readlinkat", "renameat",
    "rmdir", "setenv",
    "setrlimit", "signal", "sigprocmask", "stat", "statfs", "statvfs", "strerror", "symlink", "sync", "syncfs",
    "sysconf", "umask", "uname",
    "unlink", "unlinkat", "unshare", "usleep", "waitpid",
  ]

  /// The first call of one of them by its bare name, or through Foundation's. By hand: a regular expression takes minutes over all sources.
  private static func libraryCall(in line: Substring) -> String? {
    if line.contains("Foundation.") { return "Foundation." }
    var word: [UInt8] = []
    var before: UInt8 = 0
    for byte in line.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        word.append(byte)
        continue
      case UInt8(ascii: "("):
        let name = String(decoding: word, as: UTF8.self)
        if before != UInt8(ascii: "."), libraryFunctions.contains(name) { return name }
      default: break
      }
      word = []
      before = byte
    }
    return nil
  }

  @Test(
    arguments: [
      ("    if unlink(path) == 0 {", true), ("kill(pid, SIGTERM)", true), ("let n = Foundation.write(fd, p, 1)", true),
      ("try? FileSystem.removeFile(path)", false), ("child.signal(number)", false), ("  func poll() {}", true),
      ("self.close()", false),
    ] as [(String, Bool)])
  func callsOfTheCLibraryAreRecognized(line: String, isOne: Bool) {
    #expect((Self.libraryCall(in: line[...]) != nil) == isOne)
  }

  /// A dependency that goes round would not build; one that goes from a lower module to a higher one through the sources would.
  @Test func theImportsHaveNoCycle() throws {
    let imports = try imports()
    var state: [String: Bool] = [:]
    func visit(_ module: String) -> Bool {
      if let isDone = state[module] { return isDone }
      state[module] = false
      let isFree = (imports[module] ?? []).allSatisfy(visit)
      state[module] = true
      return isFree
    }
    #expect(imports.keys.allSatisfy(visit))
  }

  /// `deinit` does not run on `exit()`: whoever calls it leaves mounts and devices behind.
  @Test func onlyTheEntriesExit() throws {
    for file in try repository.sources() where !Self.isEntry(file) {
      for (index, line) in file.code.enumerated() {
        #expect(
          line.firstMatch(of: /(?:^|[^.\w])_?(?:exit|quick_exit|_Exit|abort)\(/) == nil,
          "\(file.path):\(index + 1): only the entry of an executable may exit: \(line)")
      }
    }
  }

  /// The main.swift of an executable, or its file with @main.
  private static func isEntry(_ file: Repository.SourceFile) -> Bool {
    guard ["FailoverBench", "PressureHelper"].contains(file.module) else { return false }
    return file.path.hasSuffix("/main.swift") || file.code.contains { $0.contains("@main") }
  }

  /// Unchecked, a wrong index reads foreign memory, in a program that runs as root.
  @Test func nothingIsBuiltUnchecked() throws {
    let manifest = Repository.withoutComments(try repository.text("Package.swift")).joined(separator: "\n")
    #expect(!manifest.contains("-Ounchecked"))
    // Other flags than the manifest's own are those of a sanitizer.
    let flags = manifest.split(separator: "\n").filter { $0.contains("unsafeFlags") }
    #expect(
      flags.allSatisfy { $0.contains("unsafeFlags([\"-sanitize=") || $0.contains("unsafeFlags([\"-fsanitize=") },
      "\(flags)")
    #expect(manifest.contains("treatAllWarnings(as: .error)"))
  }

  /// `Module.Type` would be looked up in the type.
  @Test func noModuleIsNamedLikeATypeInIt() throws {
    for file in try repository.sources() {
      for (index, line) in file.code.enumerated() {
        guard let match = line.firstMatch(of: /\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/) else {
          continue
        }
        #expect(
          match.output.1 != file.module,
          "\(file.path):\(index + 1): the module \(file.module) has a type of its own name")
      }
    }
  }

  @Test func theTopOfTheRepositoryIsInOrder() throws {
    for entry in try repository.entries("") where !ModuleTable.isIgnored(entry) {
      #expect(ModuleTable.topLevel.contains(entry), "\(entry) does not belong at the top of the repository")
    }
  }

  @Test(
    arguments: [
      ("import Experiment", ["Experiment"]), ("  public import A", ["A"]), ("@testable import B", ["B"]),
      ("@_exported public import C", ["C"]), ("internal import D", ["D"]), ("import struct E.Thing", ["E"]),
      ("import F; import func G.call", ["F", "G"]), ("@_spi(Testing) import H", ["H"]), ("package import `I`", ["I"]),
      ("let important = 1", []), ("reimport J", []), ("", []),
    ] as [(String, [String])])
  func importsAreRecognised(line: String, modules: [String]) {
    #expect(ImportStatement.modules(in: line[...]) == modules)
  }

  @Test func commentsAreNoCode() {
    let code = Repository.withoutComments("import A // import B\n/* import C\nimport D */ import E\n")
    #expect(code.map { ImportStatement.modules(in: $0) } == [["A"], [], ["E"], []])
  }
}
