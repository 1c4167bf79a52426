import Experiment

extension Preflight {
  func deviceChecks() -> [Check] {
    var checks: [Check] = []
    if probe.loopControl.canBeOpened {
      checks.append(
        Check("loop.control", .ok, "/dev/loop-control can be opened; \(probe.boundLoopDevices) loop devices are in use by others"))
    } else {
      checks.append(
        Check(
          "loop.control", .problem, "/dev/loop-control cannot be opened: \(probe.loopControl.problem)",
          fix: fix(inContainer: "--privileged -v /dev:/dev", elsewhere: "run with sudo; modprobe loop")))
    }
    if probe.isContainer, let name = probe.deviceFileSystem, name != "devtmpfs" {
      checks.append(
        Check(
          "loop.lock", .problem,
          "/dev is the container's own (\(name)): neither the lock that keeps two runs apart nor new loop devices are shared "
            + "with the host",
          fix: fix(inContainer: "-v /dev:/dev", elsewhere: "")))
    }
    if probe.deviceNodesMissing > 0 {
      checks.append(
        Check(
          "loop.nodes", .warning,
          "\(probe.deviceNodesMissing) loop devices of the kernel have no node in /dev; the run makes those it needs",
          fix: fix(inContainer: "-v /dev:/dev", elsewhere: "")))
    }
    switch probe.fileSystems {
    case nil: checks.append(Check("xfs", .problem, "/proc/filesystems cannot be read", fix: "mount /proc"))
    case let names? where names.contains("xfs"): checks.append(Check("xfs", .ok, "the kernel has XFS"))
    default:
      checks.append(
        Check("xfs", .problem, "the kernel has no XFS, or its module is not loaded", fix: "modprobe xfs, on the host itself"))
    }
    if let version = probe.mkfsVersion {
      checks.append(Check("mkfs.xfs", .ok, version))
    } else {
      checks.append(
        Check(
          "mkfs.xfs", .problem, probe.mkfsPath == nil ? "mkfs.xfs is not installed" : "mkfs.xfs does not run",
          fix: "apt-get install xfsprogs"))
    }
    checks.append(Check("libmount", .ok, "version \(MountLibrary.version)"))
    if let helper = probe.helperPath {
      checks.append(Check("helper", .ok, helper))
    } else {
      checks.append(
        Check(
          "helper", .problem, "\(PressureHelperProcess.executableName) does not lie beside this program",
          fix: "install both from the same build"))
    }
    return checks
  }
}
