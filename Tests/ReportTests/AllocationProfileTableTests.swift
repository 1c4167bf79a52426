import Experiment
import Report
import TestSupport
import Testing

@Suite struct AllocationProfileTableTests {
  @Test func theTableSaysWhatWasCounted() {
    let text = AllocationProfileTable.text(SampleProfile.profile, path: "x.json")
    let lines = text.split(separator: "\n").map(String.init)
    func fields(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
    #expect(lines.contains { fields($0) == ["3", "32", "kB", "Unmovable", "8.5", "272.0", "KiB", "0"] }, "\(text)")
    #expect(lines.contains { fields($0) == ["9", "2", "MB", "Unmovable", "1", "2.0", "MiB", "2"] }, "\(text)")
    #expect(lines.contains { fields($0) == ["1", "1", "Unmovable", "none"] }, "\(text)")
    #expect(text.contains("GFP_USER | __GFP_RETRY_MAYFAIL") && text.contains("2MB*1,32kB*9,4kB*2"))
    #expect(text.contains("1.4 ms in 2") && text.contains("unavailable") && text.contains("3 blocks that interrupts"))
    #expect(text.contains("lost events         none"))
    #expect(lines.allSatisfy { $0.count <= 132 })
  }

  @Test func lostEventsAreSaidLoudly() {
    var profile = SampleProfile.profile
    profile.mounts[0].lostEvents = 1234
    #expect(AllocationProfileTable.text(profile).contains("1,234: all counts are too low"))
  }

  @Test func aNarrowTerminalGetsNoWiderLines() {
    var profile = SampleProfile.profile
    profile.mounts[0].allocations[0].kind.gfpFlags = [
      "GFP_USER", "__GFP_ZERO", "__GFP_NOWARN", "__GFP_RETRY_MAYFAIL", "__GFP_COMP",
    ]
    let text = AllocationProfileTable.text(profile, terminalWidth: 90)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 90 }, "\(text)")
  }
}
