/// Event counters of a simulated machine that no kernel has (``MemoryState/counters``).
public enum ModelCounter {
  /// Pages that came into a block of 64 kB or more because smaller ones merged (paper, Fig. 14).
  public static let promotedPages = "model_promoted_pages"
  /// Pages given back in blocks below 64 kB.
  public static let smallFreedPages = "model_small_freed_pages"
  /// Pages behind contiguous kernel addresses.
  public static let mappedPages = "model_mapped_pages"
  public static let reserveBlocksUsed = "model_reserve_blocks_used"
  public static let freedInodes = "model_freed_inodes"
  /// Time spent in reclaim, copying and searching.
  public static let reclaimNanoseconds = "model_reclaim_ns"
  /// Blocks taken from the buddy lists and given back.
  public static let buddyOperations = "model_buddy_operations"
}
