/// `import` in all its forms: `public import X`, `@testable import X`, `import struct X.y`, several on a line.
enum ImportStatement {
  /// The modules that a line of code imports.
  static func modules(in line: Substring) -> [String] {
    line.split(separator: ";").compactMap { statement in
      let form =
        /\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|actor|typealias|func|let|var)\s+)?`?(\w+)`?.*/
      return statement.wholeMatch(of: form).map { String($0.output.1) }
    }
  }
}
