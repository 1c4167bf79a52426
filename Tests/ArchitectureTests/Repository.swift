import Foundation
import TestSupport

/// The sources that this test was built from.
struct Repository {
  struct SourceFile: Sendable {
    /// The folder below Sources.
    let module: String
    /// As in `Sources/Report/CSVCell.swift`.
    let path: String
    /// Without comments, line for line.
    let code: [Substring]
    /// What it imports, with the number of the line.
    let imports: [(line: Int, module: String)]
  }

  let root = Checkout.path

  func text(_ path: String) throws -> String { try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

  func entries(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path.isEmpty ? root : "\(root)/\(path)").sorted()
  }

  /// All Swift files below Sources, read once for all tests.
  func sources() throws -> [SourceFile] { try Self.read.get() }

  private static let read = Result<[SourceFile], any Error> {
    let repository = Repository()
    var files: [SourceFile] = []
    for module in try repository.entries("Sources") {
      for path in try repository.swiftFiles("Sources/\(module)") {
        let code = withoutComments(try repository.text(path))
        let imports = code.enumerated().filter { $0.element.contains("import") }.flatMap { index, line in
          ImportStatement.modules(in: line).map { (index + 1, $0) }
        }
        files.append(SourceFile(module: module, path: path, code: code, imports: imports))
      }
    }
    return files
  }

  private func swiftFiles(_ folder: String) throws -> [String] {
    var files: [String] = []
    for entry in try entries(folder) {
      let path = "\(folder)/\(entry)"
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory) else { continue }
      if isDirectory.boolValue {
        files += try swiftFiles(path)
      } else if entry.hasSuffix(".swift") {
        files.append(path)
      }
    }
    return files
  }

  /// Comments blanked out, breaks of lines kept. A `//` in a string cuts its line short; no rule here looks behind one.
  static func withoutComments(_ text: String) -> [Substring] {
    let blocks = text.replacing(/\/\*(?s:.*?)\*\//) { match in
      String(repeating: "\n", count: match.output.filter(\.isNewline).count)
    }
    return blocks.replacing(/\/\/[^\n]*/, with: "").split(separator: "\n", omittingEmptySubsequences: false)
  }
}
