import BasicContainers
import Experiment
import LinuxSystem

/// Unmounts, the last mount first, and then lets the devices go.
///
/// - Returns: what could not be ended; it ends with this process, whose mount namespace is its own.
func release(_ mounts: inout UniqueArray<MountedFileSystem>, _ devices: inout UniqueArray<LoopDevice>) -> Leftovers {
  var leftovers = Leftovers()
  while let mount = mounts.popLast() {
    let target = mount.target
    do throws(SystemError) { try mount.unmount() } catch {
      leftovers.items.append("\(target) is still mounted: \(error)")
    }
  }
  while let device = devices.popLast() {
    let path = device.path
    do throws(SystemError) { try device.detach() } catch { leftovers.items.append("\(path): \(error)") }
  }
  return leftovers
}
