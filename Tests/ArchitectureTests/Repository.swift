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
  }

  let root = Checkout.path

  func text(_ path: String) throws -> String { try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) }

  func entries(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path.isEmpty ? root : "\(root)/\(path)").sorted()
  }

  /// All Swift files below Sources.
  func sources() throws -> [SourceFile] {
    var files: [SourceFile] = []
    for module in try entries("Sources") {
      for path in try swiftFiles("Sources/\(module)") {
        files.append(SourceFile(module: module, path: path, code: Self.withoutComments(try text(path))))
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
