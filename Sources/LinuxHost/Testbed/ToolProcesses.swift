import Experiment
import KernelText
import LinuxSystem

/// The three processes of a run: what they take is in everything that is measured of the machine, so it is measured, too.
struct ToolProcesses {
  private var cpuNanoseconds: UInt64 = 0

  /// Since it was last asked; nil where one of them cannot be seen.
  mutating func cost(helper: Int32, supervisor: Int32) -> ToolCost? {
    let others = [helper, supervisor]
    // 0 is this process (clock_getcpuclockid(3)).
    var cpu: UInt64 = 0
    for process in [0] + others {
      guard let time = Clock.processCPUNanoseconds(process) else { return nil }
      cpu += time
    }
    var (resident, file): (UInt64, UInt64) = (0, 0)
    for name in ["self"] + others.map(String.init) {
      guard let text = try? KernelFile.read("/proc/\(name)/status"),
        let memory = try? ProcessMemory.parse(procStatus: text)
      else { return nil }
      resident += memory.residentBytes
      file += memory.fileBytes
    }
    defer { cpuNanoseconds = cpu }
    return ToolCost(cpuNanoseconds: cpu - min(cpu, cpuNanoseconds), residentBytes: resident, fileBytes: file)
  }
}
