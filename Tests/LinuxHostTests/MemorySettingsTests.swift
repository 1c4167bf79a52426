import LinuxSystem
import Testing

@testable import LinuxHost

@Suite struct MemorySettingsTests {
  @Test func whatTheDirectoryHasIsRecorded() throws {
    let folder = try PrivateDirectory("failover-bench-settings-")
    for (name, text) in [
      ("swappiness", "60\n"), ("a_setting_of_tomorrow", "1\n"), ("lowmem_reserve_ratio", "256\t256\t32\t0\t0\n"),
      ("empty", "\n"), ("table", "1\n2\n"), ("long", String(repeating: "1", count: 300)), ("odd", "a\u{1b}[2J\n"),
      ("compact_memory", "1\n"), ("drop_caches", "3\n"), ("stat_refresh", "0\n"), ("nr_hugepages_mempolicy", "0\n"),
    ] { try folder.write(text, named: name) }
    var settings = MemorySettings.read(folder.path)
    settings["fs.pipe-max-size"] = nil
    #expect(
      settings == [
        "vm.swappiness": "60", "vm.a_setting_of_tomorrow": "1", "vm.lowmem_reserve_ratio": "256 256 32 0 0",
      ])
  }

  @Test func thisMachine() {
    let settings = MemorySettings.read()
    for key in ["vm.min_free_kbytes", "vm.swappiness", "vm.overcommit_memory", "fs.pipe-max-size"] {
      #expect(settings[key]?.isEmpty == false, "\(key)")
    }
    #expect(settings["vm.drop_caches"] == nil && settings["vm.stat_refresh"] == nil)
  }
}
