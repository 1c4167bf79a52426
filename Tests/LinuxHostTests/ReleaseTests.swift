import BasicContainers
import Experiment
import Testing

@testable import LinuxHost

/// How mounts and devices are let go.
@Suite struct ReleaseTests {
  @Test func whatCannotBeUnmountedIsNamed() {
    let missing = "/nonexistent/failover-bench-\(UInt64.random(in: 0 ... .max))"
    var mounts = UniqueArray<MountedFileSystem>()
    var devices = UniqueArray<LoopDevice>()
    #expect(release(&mounts, &devices) == Leftovers())
    for number in 1...2 { mounts.append(MountedFileSystem(adopting: "\(missing)/\(number)")) }
    let items = release(&mounts, &devices).items
    #expect(mounts.isEmpty && items.count == 2)
    #expect(items.first?.hasPrefix("\(missing)/2 is still mounted: ") == true, "\(items)")
    #expect(items.last?.hasPrefix("\(missing)/1 is still mounted: ") == true, "\(items)")
  }
}
