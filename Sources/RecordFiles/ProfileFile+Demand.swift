import Experiment

extension ProfileFile {
  /// `text` as a mount demand that hangs on no file: `profile:FILE` becomes the list of blocks that the file stands for, every
  /// other text stays as it is.
  ///
  /// - Parameter directory: of the scenario file that the text stands in, to which FILE is then relative; nil on the command line.
  public static func resolvedDemand(_ text: String, relativeTo directory: String? = nil) throws(RecordFileError) -> String {
    guard text.hasPrefix(prefix) else { return text }
    let file = String(text.dropFirst(prefix.count))
    guard !file.isEmpty else {
      throw RecordFileError(
        .badName, operation: "read", path: text, reason: "no file is named", advice: "write profile:FILE with a file of `failover-bench profile`")
    }
    let path = if let directory, !file.hasPrefix("/") { directory.isEmpty ? file : "\(directory)/\(file)" } else { file }
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
      throw refusal("a mount asks for more or larger blocks than a demand may name", "write a list: " + MountDemand.allowed)
    }
    return demand
  }
}
