public import Experiment

/// The scenarios that come with the program: the files of fixtures/scenarios, embedded in the binary when it is built.
public enum BuiltInScenarios {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("paper-env2", PackageResources.paper_env2_yaml), ("paper-env1", PackageResources.paper_env1_yaml),
    ("paper-2005", PackageResources.paper_2005_yaml), ("quick", PackageResources.quick_yaml),
    ("xfs-64k", PackageResources.xfs_64k_yaml),
    ("xfs-striped-log", PackageResources.xfs_striped_log_yaml), ("ext4-64k", PackageResources.ext4_64k_yaml),
  ]

  /// The default first.
  public static var names: [String] { files.map(\.name) }

  /// - Throws: `name` is none of ``names``.
  public static func named(_ name: String) throws(ScenarioFileError) -> Scenario {
    guard let file = files.first(where: { $0.name == name }) else {
      throw ScenarioFileError(file: nil, key: "--scenario", value: name, expected: names.joined(separator: ", "))
    }
    return try ScenarioFile.parse(String(decoding: file.bytes, as: UTF8.self), fileName: "\(name).yaml")
  }

  /// The file as it was written, comments and all.
  public static func yaml(_ name: String) -> String? {
    files.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
