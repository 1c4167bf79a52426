import Experiment
import SystemPackage

/// How an injection is spread over pipes, decided before the first page.
///
/// A transient pipe's ring goes back with its pages. With 256 slots it is one block of order 2 in 1 MB, a size that the
/// 1 : 7 pattern leaves anyway; a larger ring would leave larger blocks where there must be none, so it is taken only
/// when the descriptors do not suffice. For the same reason the rings of kept pipes (64 or 128 slots) stay within
/// slabs. Processors take blocks of order 2 from the free lists 15 at a time, so some rings lie side by side, and what they leave
/// comes to about a hundredth of the transient memory in blocks of 64 kB to 256 kB (measured; the model does the same).
struct InjectionPlan: Equatable {
  var keptSlots: Int
  var transientSlots: Int
  /// One for each pipe; the two that are being filled need one more each, which the caller holds back.
  var descriptors: UInt64

  /// From the least to the most disturbing; 512 slots need fs.pipe-max-size of 2 MiB, twice its default.
  private static let choices = [(64, 256), (128, 256), (128, 512)]

  /// - Parameters:
  ///   - expectedPages: both kinds together.
  ///   - backend: of the transient pages; those of a file need one descriptor in all.
  ///   - descriptors: how many may be opened.
  init(
    expectedPages: UInt64, pattern: InjectionPattern, transient backend: TransientBackend = .pipe,
    descriptors available: Int
  ) throws(SystemFailure) {
    let cycles = expectedPages / UInt64(pattern.pinnedPages + pattern.transientPages) + 1
    var fewest: UInt64 = .max
    for (keptSlots, transientSlots) in Self.choices {
      let kept = (cycles * UInt64(pattern.pinnedPages)) / UInt64(keptSlots) + 1
      let transient =
        backend == .memfd ? 1 : (cycles * UInt64(pattern.transientPages)) / UInt64(transientSlots) + 1
      // What is free now is not all that will be: kswapd and other processes free some on the way.
      let needed = (kept + transient) + (kept + transient) / 16
      fewest = min(fewest, needed)
      if needed <= UInt64(max(available, 0)) {
        self.init(keptSlots: keptSlots, transientSlots: transientSlots, descriptors: needed)
        return
      }
    }
    throw SystemFailure(
      operation: "plan the injection", errno: .tooManyOpenFiles,
      advice: "about \(expectedPages) pages need \(fewest) descriptors and \(available) are free; raise `ulimit -n`, "
        + "take memory away with a ballast (--memory), or set maximumPages")
  }

  private init(keptSlots: Int, transientSlots: Int, descriptors: UInt64) {
    (self.keptSlots, self.transientSlots, self.descriptors) = (keptSlots, transientSlots, descriptors)
  }
}
