import ArgumentParser

/// The table of `scripts/lab-backends`, made of what it has kept alone.
struct BackendsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backends", abstract: "Compare what pins pages, from the kernel's texts before and after each pinning."
  )

  @Argument(
    help: ArgumentHelp("Holds NAME-before.txt, NAME-after.txt and NAME-run.json for each pinning.", valueName: "folder")
  )
  var folder: String

  func run() throws { print(try Self.comparison(of: folder).text, terminator: "") }

  /// Of all pinnings in `folder`.
  ///
  /// - Throws: ``MeasurementError`` when there is none or a file of one is missing.
  static func comparison(of folder: String) throws -> BackendComparison {
    let suffix = "-before.txt"
    let names = try TextFile.names(in: folder).filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
    guard !names.isEmpty else {
      throw MeasurementError("\(folder) holds no pinning of scripts/lab-backends: no file's name ends with \(suffix)")
    }
    return try BackendComparison(
      Dictionary(uniqueKeysWithValues: names.map { ($0, try Pinning(reading: $0, in: folder)) }))
  }
}
