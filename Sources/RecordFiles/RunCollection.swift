import Foundation

/// Runs that lie together: a results directory by itself, or a directory of several.
public enum RunCollection {
  /// The runs at `path`, in the order of their names: itself where it has a run.json, else each directory right below it that has one.
  public static func read(_ path: String) throws(RecordFileError) -> [RecordedRun] {
    if isRun(path) || path.hasSuffix("/run.json") { return [try RunDirectoryReader.read(path)] }
    var runs: [RecordedRun] = []
    for name in try names(path) where isRun("\(path)/\(name)") {
      runs.append(try RunDirectoryReader.read("\(path)/\(name)"))
    }
    guard !runs.isEmpty else {
      throw RecordFileError(
        .missing, operation: "read", path: path, reason: "there is no run in it",
        advice: "name a results directory of `failover-bench run`, or one that holds several")
    }
    return runs
  }

  /// Whether there is something of that name, whatever it is.
  public static func hasFile(_ name: String, in directory: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(directory)/\(name)")
  }

  /// The one name of a directory, whichever way it is written.
  public static func canonical(_ directory: String) -> String {
    URL(fileURLWithPath: directory).standardizedFileURL.resolvingSymlinksInPath().path
  }

  private static func isRun(_ path: String) -> Bool { hasFile("run.json", in: path) }

  private static func names(_ path: String) throws(RecordFileError) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw RecordFileError(
        .missing, operation: "read", path: path, reason: "it is not a directory that can be listed",
        advice: "name a results directory of `failover-bench run`, or one that holds several")
    }
  }
}
