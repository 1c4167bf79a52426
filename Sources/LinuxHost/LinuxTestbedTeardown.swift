import BasicContainers
public import Experiment
import LinuxSystem
import SystemPackage

extension LinuxTestbed {
  /// How long a device may stay busy after its last use here: udev and others look at devices as they come and go.
  private static let patienceNanoseconds: UInt64 = 10_000_000_000

  public consuming func tearDown() -> Leftovers {
    // Memory first: with the pinned pages and the ballast back, everything after goes quickly.
    pressure.quit()
    var leftovers: [String] = []
    if let module = pinningModule.take() {
      do throws(SystemError) { try module.unload(journal: &journal) } catch { leftovers.append("the kernel module \(error)") }
    }
    if let devices = snapshotDevices.take() { leftovers += devices.remove(journal: &journal) }
    leftovers += settings.restore(journal: &journal)
    workload = nil
    while let mount = mounts.popLast() {
      let target = mount.target
      do throws(SystemError) { try mount.unmount() } catch { leftovers.append("\(target) is still mounted: \(error)") }
    }
    var numbers: [Int] = []
    while let device = devices.popLast() {
      numbers.append(device.number)
      let path = device.path
      do throws(SystemError) { try device.detach() } catch { leftovers.append("\(path): \(error)") }
    }
    leftovers += waitUntilUnbound(numbers)
    leftovers += removeNodes()
    return Leftovers(items: leftovers)
  }

  private mutating func waitUntilUnbound(_ numbers: [Int]) -> [String] {
    var leftovers: [String] = []
    let deadline = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
    for number in numbers {
      while LoopControl.isBound(number) && Clock.monotonicNanoseconds() < deadline { Clock.sleep(nanoseconds: 5_000_000) }
      if LoopControl.isBound(number) {
        leftovers.append("/dev/loop\(number) is still bound: another process has it open")
      } else {
        do throws(SystemError) { try journal.loopIsUnbound(number) } catch { leftovers.append("\(error)") }
      }
    }
    return leftovers
  }

  private mutating func removeNodes() -> [String] {
    var leftovers: [String] = []
    for path in journal.madeDeviceNodes {
      do throws(SystemError) {
        try attempt("remove", path) { () throws(Errno) in try FileSystem.removeFile(path) }
        try journal.deviceNodeIsRemoved(path)
      } catch { leftovers.append("\(error)") }
    }
    let deadline = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
    for number in journal.addedNodes {
      while true {
        do throws(SystemError) {
          try loopControl!.removeNode(number)
          try journal.nodeIsRemoved(number)
          break
        } catch {
          if error.errno == .resourceBusy && Clock.monotonicNanoseconds() < deadline {
            Clock.sleep(nanoseconds: 5_000_000)
            continue
          }
          leftovers.append("loop device \(number), which the run added: \(error)")
          break
        }
      }
    }
    return leftovers
  }
}
