import Foundation
import LinuxSystem
import SystemPackage

/// Files of text, whole.
enum TextFile {
  /// - Throws: ``MeasurementError`` naming the file.
  static func read(_ path: String) throws -> String {
    // Foundation's own reader leaks a page with each empty file.
    do throws(SystemError) { return try KernelFile.read(path, limitBytes: 1 << 26) } catch {
      let reason = error.errno == .noSuchFileOrDirectory ? "there is no such file" : "\(error.errno)"
      throw MeasurementError("cannot read \(path): \(reason)")
    }
  }

  /// - Throws: ``MeasurementError`` naming the file.
  static func write(_ text: String, to path: String) throws {
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
      throw MeasurementError("cannot write \(path): \(reason(error))")
    }
  }

  static func isDirectory(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  /// The names of a folder, sorted.
  ///
  /// - Throws: ``MeasurementError`` naming the folder.
  static func names(in path: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw MeasurementError("cannot read \(path): \(reason(error))")
    }
  }

  /// In a few words: Foundation's own are sentences, and in sentences of their own.
  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile?, .fileNoSuchFile?: "there is no such file"
    case .fileReadNoPermission?, .fileWriteNoPermission?: "permission denied"
    default: error.localizedDescription
    }
  }
}
