/// What decides about the order in which changes are put back.
extension HostChange {
  var isProcess: Bool {
    if case .process = self { true } else { false }
  }

  var isMemoryBlock: Bool {
    if case .memoryBlock = self { true } else { false }
  }

  var isMovableBlock: Bool {
    if case .memoryBlock(_, _, isMovable: true) = self { true } else { false }
  }

  /// A setting that the run has not written itself: blocks of memory change it (``SysctlRule/recomputedWithMemory``).
  var isRecomputedWithMemory: Bool {
    if case .sysctl(let key, let previous, let new) = self {
      previous == new && SysctlRule(key: key) == .recomputedWithMemory
    } else {
      false
    }
  }

  var loopNode: Int? {
    if case .loopNode(let number) = self { number } else { nil }
  }

  /// Whether to put it back goes to the file system of the work directory, or to a device that has its backing file there.
  var isOfFileSystems: Bool {
    switch self {
    case .directory, .plannedDirectory, .loopBinding, .loopNode: true
    case .sysctl, .deviceNode, .traceInstance, .kernelModule, .mappedDevice, .memoryBlock, .process: false
    }
  }
}
