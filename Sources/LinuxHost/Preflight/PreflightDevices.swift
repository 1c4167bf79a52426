import Experiment

extension Preflight {
  /// One for each file system, and one for the files of the workload.
  var loopDevicesNeeded: Int { scenario.fileSystems + (hasWorkload ? 1 : 0) }

  /// Nodes appear by themselves only in a devtmpfs.
  var makesDeviceNodes: Bool {
    guard let devices = probe.loopDevices else { return false }
    let isAdding = devices.present - devices.bound < loopDevicesNeeded
    return devices.withoutNode > 0 || isAdding && probe.deviceFileSystem != "devtmpfs"
  }

  func deviceChecks() -> [Check] {
    var checks = [kernelCheck()]
    checks.append(
      Check(
        "loop.control", if: probe.loopControl.canBeOpened, "/dev/loop-control can be opened",
        else: .problem, "/dev/loop-control cannot be opened: \(probe.loopControl.problem)",
        fix: fix(inContainer: "--privileged -v /dev:/dev", elsewhere: "run with sudo; modprobe loop")))
    if probe.isContainer, let name = probe.deviceFileSystem, name != "devtmpfs" {
      checks.append(
        Check(
          "loop.lock", .problem,
          "/dev is the container's own (\(name)): neither the lock that keeps two runs apart nor new loop devices are shared "
            + "with the host",
          fix: fix(inContainer: "-v /dev:/dev", elsewhere: "")))
    }
    checks.append(loopDeviceCheck())
    checks += volumeChecks()
    checks.append(Check("libmount", .ok, "version \(MountLibrary.version)"))
    if let helper = probe.helperPath {
      checks.append(Check("helper", .ok, helper))
    } else {
      checks.append(
        Check(
          "helper", .problem, "\(PressureHelperProcess.executableName) is not beside this program",
          fix: "install both from the same build"))
    }
    return checks
  }

  private func loopDeviceCheck() -> Check {
    guard let devices = probe.loopDevices else {
      return Check(
        "loop.nodes", .problem, "/sys/block cannot be read: which loop devices are in use is unknown",
        fix: "mount /sys")
    }
    if devices.withoutNode > 0 {
      return Check(
        "loop.nodes", .warning,
        "\(devices.withoutNode) loop devices of the kernel have no node in /dev; the run makes those it needs",
        fix: fix(inContainer: "-v /dev:/dev", elsewhere: ""))
    }
    let free = devices.present - devices.bound
    let added = max(0, loopDevicesNeeded - free)
    return Check(
      "loop.nodes", .ok,
      "\(loopDevicesNeeded) needed, \(free) free, \(devices.bound) in use by others; the run adds \(added) and removes them again"
    )
  }

  /// nil where the release of the kernel is not known, or no version.
  func isKernel(atLeast version: (Int, Int)) -> Bool? {
    let numbers = probe.kernelRelease?.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) } ?? []
    return numbers.count == 2 ? (numbers[0], numbers[1]) >= version : nil
  }

  /// LOOP_CONFIGURE came with Linux 5.8, close_range(2), which the helper calls, with 5.9.
  private func kernelCheck() -> Check {
    guard let release = probe.kernelRelease else {
      return Check(
        "kernel", .warning, "the kernel's release cannot be read; 5.9 or later is needed", fix: "mount /proc")
    }
    guard let isNewEnough = isKernel(atLeast: (5, 9)) else {
      return Check("kernel", .warning, "the kernel's release '\(release)' is not a version; 5.9 or later is needed")
    }
    if isNewEnough { return Check("kernel", .ok, "Linux \(release)") }
    return Check("kernel", .problem, "Linux \(release) is too old: 5.9 or later is needed", fix: "boot a newer kernel")
  }
}
