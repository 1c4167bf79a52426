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

extension JournalContents {
  /// Settings that the kernel computes anew whenever memory comes or goes (mm/page_alloc.c, `init_per_zone_wmark_min`; mm/mmap.c,
  /// `reserve_mem_notifier`).
  static let recomputedKeys: Set<String> = ["vm.min_free_kbytes", "vm.user_reserve_kbytes", "vm.admin_reserve_kbytes"]

  /// Which entries say what such a setting was before blocks of memory were taken: the first of its key, with nothing written, before the first
  /// block. Whatever it is once they are back came of them. Any other entry of the key is a value that the run has set.
  var recomputed: Set<Int> {
    var seen: Set<String> = []
    var found: Set<Int> = []
    for entry in changes {
      if entry.change.isMemoryBlock { return found }
      guard case .sysctl(let key, let previous, let new) = entry.change, Self.recomputedKeys.contains(key) else {
        continue
      }
      if seen.insert(key).inserted, previous == new { found.insert(entry.id) }
    }
    // Without a block there is nothing that could have changed it.
    return []
  }
}
