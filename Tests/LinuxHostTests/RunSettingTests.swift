import Experiment
import Foundation
@testable import HostJournal
import TestSupport
import Testing

/// The list of the settings that a run writes, against what is made of it elsewhere.
@Suite struct RunSettingTests {
  @Test func eachStandsThereOnce() {
    let keys = RunSetting.all.map(\.key)
    #expect(Set(keys).count == keys.count)
    for setting in RunSetting.all { #expect(RunSetting.named(setting.key)?.key == setting.key) }
    #expect(
      RunSetting.keysWithValue == [
        "fs.pipe-max-size", "vm.nr_hugepages", "vm.vfs_cache_pressure", "vm.percpu_pagelist_high_fraction",
        "vm.watermark_scale_factor", "vm.min_free_kbytes", "vm.user_reserve_kbytes", "vm.admin_reserve_kbytes",
      ])
  }

  /// The journal knows nothing of a scenario: what it makes of a value that was read must be what the list says of the setting.
  @Test(arguments: RunSetting.all.map(\.key)) func theJournalHasTheSameRule(key: String) throws {
    let setting = try #require(RunSetting.named(key))
    let rule: SysctlRule =
      switch setting.rounding {
      case .none: .exact
      case .downToWhatThereIs: .partial
      case .upToPowerOfTwo: .roundedUpToPowerOfTwo
      }
    #expect(SysctlRule(key: key) == rule)
    // As it is used, by numbers: 3,000,000 were written where 1,000,000 had been.
    func isRun(_ present: String) -> Bool {
      SysctlOwner.isRun(ofKey: key, present: present, previous: "1000000", new: "3000000")
    }
    #expect(isRun("3000000") && isRun("1000000") && !isRun("5000000"))
    #expect(isRun("2999999") == (setting.rounding == .downToWhatThereIs))
    #expect(isRun("4194304") == (setting.rounding == .upToPowerOfTwo))
  }

  @Test func theJournalKnowsWhatTheKernelComputes() {
    #expect(JournalContents.recomputedKeys == Set(RunSetting.all.filter { $0.use == .recomputed }.map(\.key)))
  }

  /// What can be put back only by the run, or not at all, is no scenario's.
  @Test func theRunsOwnAreRefused() {
    for setting in RunSetting.all {
      #expect((SysctlSetting("\(setting.key)=1") == nil) == setting.isReserved, "\(setting.key)")
      if setting.isReserved { #expect(ScenarioKey.sysctl.expected.contains(setting.key)) }
    }
  }

  @Test func whatARunOfAScenarioWrites() {
    var scenario = Scenario(name: "s")
    scenario.memoryBytes = nil
    #expect(scenario.neededSettings == ["vm.drop_caches", "vm.compact_memory", "fs.pipe-max-size"])
    (scenario.memoryBytes, scenario.inodeResident) = (4 << 30, true)
    scenario.sysctls = ["vm.swappiness=1", "fs.pipe-max-size=1048576", "vm.swappiness=2@failover"].compactMap(
      SysctlSetting.init)
    #expect(
      scenario.neededSettings == [
        "vm.drop_caches", "vm.compact_memory", "fs.pipe-max-size", "vm.nr_hugepages", "vm.vfs_cache_pressure",
        "vm.swappiness",
      ])
    #expect(scenario.changedSettings == RunSetting.keysWithValue + ["vm.swappiness"])
  }

  /// Whoever writes or watches a setting takes it from the list. HostFactsReader has a list of what is recorded of a host.
  @Test(arguments: ["LinuxHost", "FailoverBench"]) func nobodySpellsThem(module: String) throws {
    let folder = "\(Checkout.path)/Sources/\(module)"
    let files = try #require(FileManager.default.subpaths(atPath: folder)).filter {
      $0.hasSuffix(".swift") && !$0.hasSuffix("/HostFactsReader.swift")
    }
    #expect(files.count > 10)
    for file in files {
      let text = try Checkout.text("Sources/\(module)/\(file)")
      for key in RunSetting.all.map(\.key) { #expect(!text.contains("\"\(key)\""), "\(file) has \(key)") }
    }
  }
}
