import Experiment
import KernelText
@testable import LinuxHost
import Testing

/// What the backends that need more than pipes ask of a machine.
@Suite struct PreflightBackendTests {
  private static func scenario(_ backend: Experiment.PinBackend) -> Scenario {
    var scenario = PreflightTests.paper
    scenario.pinBackend = backend
    return scenario
  }

  @Test func aModuleOfOurs() throws {
    let scenario = Self.scenario(.snapmeta)
    var probe = try PreflightTests.bareMetal()
    #expect(try PreflightTests.only(probe, scenario).detail == "this kernel has no loadable modules")
    probe.hasKernelModules = true
    probe.pinModulePath = "/lib/modules/6.12.9-amd64/extra/snapmeta.ko"
    #expect(
      try PreflightTests.only(probe, scenario).detail == "there is no file /lib/modules/6.12.9-amd64/extra/snapmeta.ko")
    probe.pinModuleIsThere = true
    #expect(PreflightTests.wrong(probe, scenario).isEmpty)
    probe.pinModuleIsLoaded = true
    #expect(try PreflightTests.only(probe, scenario).fix == "rmmod snapmeta")
    probe.pinModuleIsLoaded = false
    // All but CAP_SYS_MODULE, bit 16.
    probe.capabilities = try KernelCapabilities.parse(procStatus: "CapEff: 1fffffeffff\n")
    #expect(try PreflightTests.only(probe, scenario).name == "capability.sys_module")
  }

  @Test func aSnapshotOfTheDeviceMapper() throws {
    let scenario = Self.scenario(.dmSnapshot)
    var probe = try PreflightTests.bareMetal()
    probe.hasSlabFolder = true
    #expect(PreflightTests.wrong(probe, scenario).isEmpty)
    probe.missingMapperTargets = ["dm-snapshot", "dm-zero"]
    #expect(try PreflightTests.only(probe, scenario).detail == "there is no dm-snapshot and no dm-zero")
    probe.missingMapperTargets = []
    probe.hasSlabFolder = false
    #expect(try PreflightTests.only(probe, scenario).detail == "this kernel has no /sys/kernel/slab")
    probe.hasSlabFolder = true
    probe.deviceMapperProblem = "No such file or directory"
    let check = try PreflightTests.only(probe, scenario)
    #expect(check.name == "device-mapper" && check.status == .problem && check.fix.contains("--pin-backend pipe"))
    // Nobody else is asked for any of it.
    #expect(PreflightTests.wrong(probe, Self.scenario(.pipe)).isEmpty)
  }
}
