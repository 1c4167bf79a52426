import Experiment
import LinuxSystem
import SystemPackage

/// The settings that are recorded whether or not a run changes them: whatever this kernel has in /proc/sys/vm, for what a kernel will have
/// is not known today, and the limit of pipes.
enum MemorySettings {
  static let folder = "/proc/sys/vm"

  /// Not settings: what starts something when it is written, or already when it is read (Documentation/admin-guide/sysctl/vm.rst); and what is
  /// another's number again by the memory policy of whoever reads it.
  private static let others: Set<String> = ["compact_memory", "drop_caches", "stat_refresh", "nr_hugepages_mempolicy"]
  /// A text that is longer is a table.
  private static let mostBytes = 256

  /// - Parameter folder: of one file for each setting.
  static func read(_ folder: String = folder) -> [String: String] {
    var settings: [String: String] = [:]
    for name in (try? Directory.names(in: folder)) ?? [] where !others.contains(name) {
      let path = "\(folder)/\(name)"
      guard (try? FileSystem.status(of: path))?.type == .regular,
        let text = try? KernelFile.read(path, limitBytes: mostBytes), let value = value(text)
      else { continue }
      settings["vm.\(name)"] = value
    }
    let pipe = RunSetting.pipeLimit.key
    if let limit = try? Sysctl.read(pipe) { settings[pipe] = limit }
    return settings
  }

  /// Of one line, its words separated by one space; nil where there is none, or more.
  private static func value(_ text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count == 1 else { return nil }
    let value = lines[0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return value.isEmpty || SingleLine.text(value, limit: value.count) != value ? nil : value
  }
}
