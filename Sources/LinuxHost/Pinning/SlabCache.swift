import Experiment
import KernelText
import LinuxSystem

/// How many pages a slab cache has from the page allocator, from /sys/kernel/slab: unlike /proc/slabinfo it tells also of a cache that
/// the kernel has merged with others of its size (then of all of them together).
struct SlabCache {
  let slabs: UInt64
  let pagesPerSlab: UInt64
  let objectsPerSlab: UInt64

  /// An exception has 32 bytes, 24 at least.
  static let mostObjectsPerPage: UInt64 = 170

  static func path(_ cache: String, _ file: String) -> String { "/sys/kernel/slab/\(cache)/\(file)" }

  /// Pages of one slab of a cache; nil where the kernel does not tell.
  static func pagesOfSlab(_ cache: String) -> UInt64? {
    guard let order = KernelFile.trimmed(path(cache, "order")).flatMap({ UInt64($0) }), order < 11 else { return nil }
    return 1 << order
  }

  static func read(_ name: String) throws(TestbedFailure) -> SlabCache {
    func number(_ file: String) throws(TestbedFailure) -> UInt64 {
      let path = path(name, file)
      let text = try attempting("count the pages of the snapshot's exceptions") { () throws(SystemError) in
        try KernelFile.read(path)
      }
      // "512 N0=512": all of them, then those of each node.
      guard let word = text.split(whereSeparator: \.isWhitespace).first, let value = UInt64(word) else {
        throw TestbedFailure(.environment, operation: "read", subject: path, reason: "it does not begin with a number")
      }
      return value
    }
    let order = try number("order"), objects = try number("objs_per_slab")
    guard order < 11, objects > 0 else {
      throw TestbedFailure(
        .environment, operation: "read", subject: "/sys/kernel/slab/\(name)", reason: "no kernel has such slabs")
    }
    return SlabCache(slabs: try number("slabs"), pagesPerSlab: 1 << order, objectsPerSlab: objects)
  }

  /// Pages taken between two looks; a cache that has shrunk has taken none.
  func pages(since before: SlabCache) -> UInt64 {
    slabs > before.slabs ? (slabs - before.slabs) * pagesPerSlab : 0
  }
}
