import Foundation
import LinuxSystem
import Testing

/// The real executable of this build.
enum Command {
  static let path: String? = {
    let starts = [FileLink.target(of: "/proc/self/exe")].compactMap { $0 } + CommandLine.arguments
    for start in starts where start.hasPrefix("/") {
      var components = start.split(separator: "/")
      while components.popLast() != nil, !components.isEmpty {
        let candidate = "/" + components.joined(separator: "/") + "/failover-bench"
        var isDirectory: ObjCBool = false
        if candidate.contains("/.build"), FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory),
          !isDirectory.boolValue, FileSystem.isExecutable(candidate)
        {
          return candidate
        }
      }
    }
    return nil
  }()

  struct Answer {
    let exitCode: Int32
    let output: String
    let error: String
    /// What is left in its TMPDIR, which it has for itself.
    let temporaryFiles: [String]
    var errorLines: [Substring] { error.split(separator: "\n") }
  }

  /// Runs it to its end. Output and error go to files, for a pipe that nobody reads would stop it; they are not read by Foundation, which
  /// loses 4096 bytes with each empty file.
  static func run(_ arguments: [String]) throws -> Answer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path, "the executable is not built"))
    process.arguments = arguments
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("fb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = ["output", "error"].map { directory.appendingPathComponent($0) }
    let temporary = directory.appendingPathComponent("tmp")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": temporary.path]) { $1 }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    process.currentDirectoryURL = directory
    try process.run()
    process.waitUntilExit()
    return Answer(
      exitCode: process.terminationStatus, output: try KernelFile.read(files[0].path),
      error: try KernelFile.read(files[1].path),
      temporaryFiles: try Directory.names(in: temporary.path))
  }

  /// Expects exit code 64, nothing on the output, and one line on the error that has each of `texts` in it.
  @discardableResult
  static func expectRefusal(
    _ arguments: [String], naming texts: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    let answer = try run(arguments)
    #expect(
      answer.exitCode == 64 && answer.output == "" && answer.errorLines.count == 1,
      "\(arguments): \(answer.exitCode) \(answer.error)\(answer.output)", sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        answer.error.contains(text), "\(text) is missing in: \(answer.error)", sourceLocation: sourceLocation)
    }
    return answer
  }
}
