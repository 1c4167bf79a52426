public import Experiment

extension ProfileFile {
  /// `text` as a value of `key` that depends on no file: a mount demand `profile:FILE` becomes the list of blocks that the file stands
  /// for, every other text stays as it is. Whatever takes a value from a user takes it through this.
  ///
  /// - Parameter directory: of the scenario file that the text stands in, to which FILE is then relative; nil on the command line.
  /// - Throws: there is no such file, or it stands for no demand.
  public static func resolve(
    _ text: String, of key: ScenarioKey, relativeTo directory: String? = nil
  ) throws(ScenarioError) -> String {
    guard key == .mountDemand, text.hasPrefix(prefix) else { return text }
    let file = String(text.dropFirst(prefix.count))
    guard !file.isEmpty else {
      throw ScenarioError(
        key: key.rawValue, value: text, expected: "profile:FILE with a file of `failover-bench profile`")
    }
    let path =
      if let directory, !file.hasPrefix("/") { directory.isEmpty ? file : "\(directory)/\(file)" } else { file }
    do throws(RecordFileError) { return try demand(path) } catch {
      throw ScenarioError(key: key.rawValue, value: text, problem: "\(error)")
    }
  }

  private static func demand(_ path: String) throws(RecordFileError) -> String {
    let profile = try read(path)
    func refusal(_ reason: String, _ advice: String) -> RecordFileError {
      RecordFileError(.invalid, operation: "take the mount demand from", path: path, reason: reason, advice: advice)
    }
    guard profile.lostEvents == 0 else {
      throw refusal(
        "the kernel lost \(profile.lostEvents) events while it was made, so a mount asks for more than it says",
        "make it again with `failover-bench profile`")
    }
    guard let demand = profile.mountDemand else {
      throw refusal(
        "a mount asks for more or larger blocks than a demand may name", "write a list, such as 64kB*60,16kB*2")
    }
    return demand
  }
}
