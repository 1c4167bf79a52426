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
      for (index, line) in file.code.enumerated() {
        for module in ImportStatement.modules(in: line) {
          #expect(allowed.contains(module), "\(file.path):\(index + 1): \(file.module) must not import \(module)")
        }
      }
    }
  }

  /// Foundation brings a locale, a run loop and megabytes along; two modules need it.
  @Test func foundationStaysAtTheEdge() {
    let users = ModuleTable.rows.filter { $0.value.contains("Foundation") }.keys
    #expect(Set(users) == ["RecordFiles", "FailoverBench"])
    // Nothing runs on Dispatch, and the C library is reached through CLinux and SystemPackage.
    for row in ModuleTable.rows.values { #expect(row.isDisjoint(with: ["Dispatch", "Glibc", "Musl"])) }
    #expect(ModuleTable.rows["FailoverBench"]!.isDisjoint(with: ["CLinux", "CLibmount", "CLibblkid"]))
  }

  /// A dependency that goes round would not build; one that goes from a lower module to a higher one through the table would.
  @Test func theTableHasNoCycle() {
    var state: [String: Bool] = [:]
    func visit(_ module: String) -> Bool {
      if let isDone = state[module] { return isDone }
      state[module] = false
      let isFree = (ModuleTable.rows[module] ?? []).allSatisfy(visit)
      state[module] = true
      return isFree
    }
    #expect(ModuleTable.rows.keys.allSatisfy(visit))
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
    #expect(flags.allSatisfy { $0.contains("unsafeFlags([\"-sanitize=") || $0.contains("unsafeFlags([\"-fsanitize=") }, "\(flags)")
    #expect(manifest.contains("treatAllWarnings(as: .error)"))
  }

  /// `Module.Type` would be looked up in the type.
  @Test func noModuleIsNamedLikeATypeInIt() throws {
    for file in try repository.sources() {
      for (index, line) in file.code.enumerated() {
        guard let match = line.firstMatch(of: /\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/) else { continue }
        #expect(
          match.output.1 != file.module, "\(file.path):\(index + 1): the module \(file.module) has a type of its own name")
      }
    }
  }

  @Test func theTopOfTheRepositoryIsInOrder() throws {
    for entry in try repository.entries("") where !ModuleTable.isIgnored(entry) {
      #expect(ModuleTable.topLevel.contains(entry), "\(entry) does not belong at the top of the repository")
    }
  }

  @Test(arguments: [
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
