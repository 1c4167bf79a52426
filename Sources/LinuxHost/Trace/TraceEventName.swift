/// The events of the kernel that are traced, as `events/` in tracefs names them.
enum TraceEventName: String, CaseIterable {
  case allocation = "kmem/mm_page_alloc"
  case fallback = "kmem/mm_page_alloc_extfrag"
  case kswapdWakeup = "vmscan/mm_vmscan_wakeup_kswapd"
  case reclaimBegin = "vmscan/mm_vmscan_direct_reclaim_begin"
  case reclaimEnd = "vmscan/mm_vmscan_direct_reclaim_end"
  case compactionBegin = "compaction/mm_compaction_begin"
  case compactionEnd = "compaction/mm_compaction_end"
  case bufferFolio = "xfs/xfs_buf_backing_folio"
  case bufferKmem = "xfs/xfs_buf_backing_kmem"
  case bufferVmalloc = "xfs/xfs_buf_backing_vmalloc"
  case bufferFallback = "xfs/xfs_buf_backing_fallback"

  static let reclaim: Set<TraceEventName> = [.reclaimBegin, .reclaimEnd]
  static let compaction: Set<TraceEventName> = [.compactionBegin, .compactionEnd]
  /// What a profile of single mounts is made of.
  static let ofProfile = reclaim.union(compaction).union([.allocation])
}
