/// Which module may import what: the table of the design, with what was agreed since. The standard library needs no row.
enum ModuleTable {
  static let rows: [String: Set<String>] = [
    "Experiment": [],
    "MemoryModel": ["Experiment"],
    "KernelText": [],
    "PressureProtocol": ["Experiment"],
    "CLinux": [],
    "CLibmount": [],
    "CLibblkid": [],
    // The floor: the one place that calls the C library.
    "LinuxSystem": ["CLinux", "SystemPackage", "Synchronization"],
    "HostJournal": ["SystemPackage", "LinuxSystem", "Synchronization"],
    "LinuxHost": [
      "Experiment", "KernelText", "PressureProtocol", "HostJournal", "LinuxSystem", "CLibmount", "CLibblkid",
      "SystemPackage", "BasicContainers", "Histogram",
    ],
    "PressureHelper": [
      "Experiment", "PressureProtocol", "KernelText", "HostJournal", "LinuxSystem", "CLinux", "SystemPackage",
    ],
    "Analysis": ["Experiment"],
    "Report": ["Experiment", "Analysis", "TextTable"],
    "RecordFiles": ["Experiment", "LinuxSystem", "SystemPackage", "Foundation", "Yams"],
    "Supervision": ["Experiment", "HostJournal", "LinuxSystem", "LinuxHost", "RecordFiles", "SystemPackage"],
    "Sweeps": [
      "Experiment", "MemoryModel", "LinuxSystem", "Supervision", "Analysis", "RecordFiles", "SystemPackage", "Dispatch",
      "Synchronization",
    ],
    "FailoverBench": [
      "Experiment", "MemoryModel", "KernelText", "HostJournal", "LinuxSystem", "LinuxHost", "Supervision", "Analysis",
      "Report", "RecordFiles", "Sweeps", "ArgumentParser", "SystemPackage", "Foundation", "Synchronization",
    ],
  ]

  /// What may stand at the top of the repository.
  static let topLevel: Set<String> = [
    ".ci", ".dockerignore", ".editorconfig", ".gitattributes", ".gitignore", ".swift-format", "CHANGELOG.md",
    "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Package.resolved", "Package.swift", "README.md", "Sources", "Tests",
    "fixtures", "scripts",
  ]

  /// What a build, a run or a tool leaves there; git ignores it.
  static func isIgnored(_ entry: String) -> Bool {
    entry == ".git" || entry == ".swiftpm" || entry == "results" || entry.hasPrefix(".build")
  }
}
