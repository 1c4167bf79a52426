import Experiment
import KernelText
import LinuxSystem
import PressureProtocol

extension Preflight {
  private static let needed: [(capability: String, purpose: String)] = [
    ("CAP_SYS_ADMIN", "mount, unshare, loop devices"), ("CAP_DAC_OVERRIDE", "write settings and devices of root"),
    ("CAP_KILL", "end the helper"),
  ]

  /// Taken from root by whatever started it, a sandbox or a unit: sudo does not bring it back.
  private static let adviceForRoot =
    "start it where root has this capability: `capsh --print` shows which ones were dropped"

  func privilegeChecks() -> [Check] {
    var checks: [Check] = []
    guard let capabilities = probe.capabilities else {
      return [Check("capability", .problem, "the capabilities of this process cannot be read", fix: "mount /proc")]
    }
    for (name, purpose) in Self.needed {
      checks.append(capability(name, purpose, capabilities.has(name), isNeeded: true))
    }
    if scenario.pinBackend == .mlock {
      checks.append(capability("CAP_IPC_LOCK", "lock memory", capabilities.has("CAP_IPC_LOCK"), isNeeded: true))
    }
    if scenario.pinBackend == .snapmeta {
      checks.append(
        capability(
          "CAP_SYS_MODULE", "load the kernel module that pins", capabilities.has("CAP_SYS_MODULE"), isNeeded: true))
      checks.append(pinModule)
    }
    if scenario.pinBackend == .dmSnapshot { checks.append(snapshotDevices) }
    if makesDeviceNodes {
      checks.append(
        capability("CAP_MKNOD", "make the device nodes that are missing", capabilities.has("CAP_MKNOD"), isNeeded: true)
      )
    }
    if probe.resultsOwner != nil {
      checks.append(
        capability(
          "CAP_CHOWN", "give the results to the user behind sudo", capabilities.has("CAP_CHOWN"), isNeeded: true))
    }
    checks.append(
      capability(
        "CAP_SYS_RESOURCE",
        "the hard limit of descriptors cannot be raised, nor a pipe made larger than fs.pipe-max-size",
        capabilities.has("CAP_SYS_RESOURCE"), isNeeded: false))
    checks.append(descriptors(canRaise: capabilities.has("CAP_SYS_RESOURCE")))
    for key in scenario.neededSettings {
      switch probe.sysctlsWritable[key] {
      case true: checks.append(Check("sysctl.\(key)", .ok, "can be written"))
      case false:
        checks.append(
          Check(
            "sysctl.\(key)", .problem, "cannot be written: /proc/sys is read-only or this is not root",
            fix: fix(inContainer: "--privileged", elsewhere: "run with sudo")))
      case nil:
        checks.append(Check("sysctl.\(key)", .problem, "this kernel does not have it", fix: advice(forMissing: key)))
      }
    }
    return checks
  }

  private var pinModule: Check {
    let fix = "build it for this kernel from scripts/snapmeta and name it with --pin-module, or use --pin-backend pipe"
    guard probe.hasKernelModules else {
      return Check("pin-module", .problem, "this kernel has no loadable modules", fix: "--pin-backend pipe")
    }
    if probe.pinModuleIsLoaded {
      return Check("pin-module", .problem, "snapmeta is loaded already", fix: "rmmod snapmeta")
    }
    guard probe.pinModuleIsThere else {
      return Check("pin-module", .problem, "there is no file \(probe.pinModulePath)", fix: fix)
    }
    return Check("pin-module", .ok, probe.pinModulePath)
  }

  private var snapshotDevices: Check {
    let fix = "modprobe dm-snapshot dm-zero, on a kernel that has them; else --pin-backend pipe"
    if let problem = probe.deviceMapperProblem {
      return Check("device-mapper", .problem, "/dev/mapper/control: \(problem)", fix: fix)
    }
    if !probe.missingMapperTargets.isEmpty {
      return Check(
        "device-mapper", .problem, "there is no \(probe.missingMapperTargets.joined(separator: " and no "))", fix: fix)
    }
    // The pages of the exceptions are counted there.
    if !probe.hasSlabFolder {
      return Check("device-mapper", .problem, "this kernel has no /sys/kernel/slab", fix: "--pin-backend pipe")
    }
    return Check("device-mapper", .ok, "its targets snapshot and zero are available")
  }

  private func advice(forMissing key: String) -> String {
    RunSetting.named(key).map(\.adviceIfMissing).flatMap { $0.isEmpty ? nil : $0 } ?? "leave it out"
  }

  private func capability(_ name: String, _ purpose: String, _ isThere: Bool, isNeeded: Bool) -> Check {
    Check(
      "capability." + name.dropFirst(4).lowercased(), if: isThere, "\(name) is present",
      else: isNeeded ? .problem : .warning, "\(name) is missing: \(purpose)",
      fix: fix(inContainer: "--privileged", elsewhere: probe.isRoot ? Self.adviceForRoot : "run with sudo"))
  }

  /// One pipe for 64 pinned pages and one for each contiguous block; loop devices in the testbed's process, two at a time.
  func descriptorsNeeded() -> UInt64 {
    let reserve: UInt64 = 64
    var helper: UInt64 = reserve
    if let pattern = scenario.pattern {
      // What is free once the machine is cut down, as the helper's plan does the sum: 128 kept and 512 transient pages a pipe.
      // Where that cannot be read, all there may be: too many descriptors are better than an injection that ends for want of them.
      let pages = (scenario.memoryBytes ?? probe.memoryFreeBytes ?? probe.memoryTotalBytes ?? 1 << 40) / probe.pageBytes
      let cycles = pages / UInt64(pattern.pinnedPages + pattern.transientPages) + 1
      helper += (cycles * UInt64(pattern.pinnedPages) / 128 + cycles * UInt64(pattern.transientPages) / 512) * 17 / 16
    } else if scenario.pinBackend == .pipe {
      helper += scenario.pinPages / 64 + 1
    }
    let mounts = UInt64(scenario.fileSystems)
    for blocks in scenario.mountDemand.blocks {
      helper += blocks.order == 0 ? mounts * UInt64(blocks.count) / 64 + 1 : mounts * UInt64(blocks.count)
    }
    return max(helper, mounts + reserve)
  }

  private func descriptors(canRaise: Bool) -> Check {
    let needed = descriptorsNeeded()
    let limit = probe.descriptorLimit
    return Check(
      "descriptors", if: needed <= limit, "\(needed) of \(limit) are needed in one process",
      else: .problem, "\(needed) are needed in one process, \(limit) are allowed",
      fix: fix(
        inContainer: "--ulimit nofile=\(needed):\(needed)",
        elsewhere: "ulimit -n \(needed)"
          + (canRaise ? "" : " (where the hard limit is lower, in /etc/security/limits.conf), or pin less")))
  }
}
