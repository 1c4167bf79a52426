import KernelText

/// How far pinning may go: pure functions of the numbers passed in.
///
/// **pin and hold** run while memory is full of page cache: MemFree stands near the watermarks all the time, and pages
/// come from reclaim. What says how much is left is MemAvailable: free pages less each zone's high watermark and
/// largest lowmem reserve, plus the file cache and reclaimable slab above the low watermarks (mm/show_mem.c,
/// `si_mem_available`). Near its end it is a hopeful number (dirty pages, inodes of a slab page with one in use), and a
/// watermark boost is not in it. So pinning stops when it would fall below the sum of the zones' high watermarks, boost
/// included, plus 64 MiB.
///
/// **inject** runs on free memory and stops just above the high watermarks, where kswapd has nothing to do, so that the pattern it
/// lays is the only thing that happened. A boost is left out of them: it comes with each page block that the pattern takes from movable
/// pages, goes when kswapd has run, and what stands at the last look is chance (the same injection into 2 GiB ended 120 MB apart).
/// MemAvailable is of no use there: it is near zero by definition at
/// that point. The OOM killer is not near: it comes below the min watermarks, with nothing left to reclaim, and the
/// transient pages come back.
enum MarginPolicy {
  static let pageBytes: UInt64 = 4096
  static let reserveBytes: UInt64 = 64 << 20
  /// At most this many pages (32 MB) between two looks at the kernel's numbers and at the control socket.
  static let checkpointPages: UInt64 = 8192
  /// As many pages (4 MB) may be held by small requests without a look, in so many requests: between them a mount takes memory, too, some 2 MB.
  static let betweenLooksPages: UInt64 = 1024
  static let betweenLooksRequests = 4
  /// "Just above": the free counts of a zone lag behind by what each CPU keeps to itself (mm/vmstat.c: up to 125 pages
  /// a CPU and zone), so nothing below a megabyte can be aimed at.
  static let injectStopPages: UInt64 = 256

  /// Below this many bytes MemAvailable must not fall.
  static func marginBytes(_ reading: MemoryReading) -> UInt64 {
    reserveBytes + reading.highWatermarkPages * pageBytes
  }

  /// How many pages may be taken before the next look; 0 at the margin. A thirty-second is left for what pipes take
  /// beside their pages: a ring of 4 kB for 64 pages, inode, dentry and file.
  static func pinStepPages(remaining: UInt64, _ reading: MemoryReading) -> UInt64 {
    let margin = marginBytes(reading)
    guard reading.memAvailableBytes > margin else { return 0 }
    let spare = (reading.memAvailableBytes - margin) / pageBytes
    return min(remaining, checkpointPages, spare - spare / 32)
  }

  /// How many pages to inject before the next look: half of the way to the stop, so that the last steps are small, in
  /// whole cycles, and at least one cycle until it is reached; 0 there.
  static func injectStepPages(headroomPages: UInt64, cyclePages: UInt64) -> UInt64 {
    assert(cyclePages > 0)
    guard headroomPages >= injectStopPages + cyclePages else { return 0 }
    let step = min((headroomPages - injectStopPages) / 2, checkpointPages)
    return max(step / cyclePages, 1) * cyclePages
  }

  /// The pages that GFP_HIGHUSER can take while every zone stays above its high watermark and the reserve that it keeps
  /// against such allocations (mm/page_alloc.c, `__zone_watermark_ok`: free > watermark + lowmem_reserve[highest
  /// zone]). Summed zone by zone: what one has too little does not take away from another.
  ///
  /// - Parameter withMovable: pages of the other kind are GFP_HIGHUSER_MOVABLE, which a zone below ZONE_MOVABLE keeps more back from.
  static func injectHeadroomPages(_ levels: [ZoneLevel], withMovable: Bool = false) -> UInt64 {
    levels.reduce(0) { sum, level in
      let protection =
        withMovable ? max(level.protectionPages, level.movableProtectionPages) : level.protectionPages
      let kept = level.highPages - min(level.boostPages, level.highPages) + protection
      return sum + (level.isUsable && level.freePages > kept ? level.freePages - kept : 0)
    }
  }
}

/// One zone as a GFP_HIGHUSER allocation sees it.
struct ZoneLevel: Equatable {
  var freePages: UInt64
  var highPages: UInt64
  /// The part of it that is the boost of the moment; kernels before 5.16 do not tell, and 0 stands for it.
  var boostPages: UInt64 = 0
  /// See `ZoneInfo.kernelProtectionPages(of:)`.
  var protectionPages: UInt64
  /// What is kept from requests that could have used ZONE_MOVABLE.
  var movableProtectionPages: UInt64 = 0
  /// False for Movable and Device, which need other flags.
  var isUsable: Bool

  static func levels(of info: ZoneInfo) -> [ZoneLevel] {
    info.zones.map { zone in
      ZoneLevel(
        freePages: zone.freePages, highPages: zone.highPages, boostPages: zone.boostPages ?? 0,
        // A text of another shape: keep back the most that it names.
        protectionPages: info.kernelProtectionPages(of: zone) ?? zone.protectionPages.max() ?? 0,
        movableProtectionPages: zone.protectionPages.max() ?? 0,
        isUsable: zone.name != "Movable" && zone.name != "Device")
    }
  }
}
