public import Experiment
import LinuxSystem
import PressureProtocol

/// The memory that snapshots pin, by one backend or another.
extension LinuxTestbed {
  public mutating func pin(_ context: some RunContext) throws(TestbedFailure) -> PinRecord {
    let began = context.monotonicNanoseconds()
    let requested = scenario.pinPages
    var pinned = SnapshotDevices.Pinned(pages: 0, originBytesWritten: 0)
    if requested > 0 {
      switch scenario.pinBackend {
      case .pipe, .mlock: pinned.pages = try pressure.pin(pages: requested, backend: scenario.pinBackend, context)
      // The others not by the helper: its death must not leave what nobody takes away, and what is to be put back stands in this
      // journal.
      case .snapmeta:
        try context.checkpoint()
        try PinningModule.load(
          configuration.pinModulePath ?? PinningModule.standardPath(), pages: requested, journal: &journal)
        pinned.pages = requested
      case .dmSnapshot: pinned = try pinBySnapshot(context)
      }
    }
    return PinRecord(
      backend: scenario.pinBackend, requestedPages: requested, pinnedPages: pinned.pages,
      durationNanoseconds: context.monotonicNanoseconds() - began,
      originBytesWritten: scenario.pinBackend == .dmSnapshot ? pinned.originBytesWritten : nil)
  }

  private mutating func pinBySnapshot(_ context: some RunContext) throws(TestbedFailure) -> SnapshotDevices.Pinned {
    try context.checkpoint()
    snapshotDevices = try SnapshotDevices.make(
      forPages: scenario.pinPages, runID: configuration.runID, journal: &journal)
    // The helper's own margin (PressureHelper, MarginPolicy): the high watermarks and 64 MiB.
    let watermarks = try HostMemory.watermarks()
    let margin = watermarks.reduce(64 << 20) { $0 + $1.highPages * Machine.pageBytes }
    return try snapshotDevices!.pin(pages: scenario.pinPages, context) { () throws(TestbedFailure) in
      let available = try HostMemory.availableToKernelBytes()
      guard available < margin else { return }
      throw TestbedFailure(
        .helper, operation: "pin by a snapshot",
        reason:
          "the memory margin was reached: \(ByteSize.humanText(available)) available, \(ByteSize.humanText(margin)) kept",
        advice: "ask for less (--pin) or a larger machine (--memory)")
    }
  }
}
