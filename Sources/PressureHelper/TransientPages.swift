import CLinux
import Experiment
import LinuxSystem
import SystemPackage

/// The pages of an injection that are given back at its end.
///
/// Those of a file in memory are movable (GFP_HIGHUSER_MOVABLE, mm/shmem.c): they fill ZONE_MOVABLE first, where there is one, and fall back
/// into the zones that the pinned ones come from. When to stop is decided by those alone, and by what they keep from either kind.
struct TransientPages: ~Copyable {
  private var pipes: PagesInPipes
  private var file: PagesInFile?

  init(_ backend: TransientBackend, slots: Int) throws(SystemFailure) {
    // Both first: a struct of noncopyable parts cannot be left half made.
    let file: PagesInFile?
    switch backend {
    case .pipe: file = nil
    case .memfd: file = try PagesInFile()
    }
    pipes = PagesInPipes(slots: slots)
    self.file = file
  }

  var pages: UInt64 { pipes.pages + (file?.pages ?? 0) }

  /// Makes room for the descriptors of that many more pages.
  mutating func reserve(pages: UInt64) { if file == nil { pipes.reserve(pages: pages) } }

  /// Adds exactly that many pages. After an error those that were written stay.
  mutating func add(pages: Int, from source: borrowing PageSource) throws(SystemFailure) {
    if file == nil {
      try pipes.add(pages: pages, from: source)
    } else {
      try file?.add(pages: pages, from: source)
    }
  }

  /// Frees all pages, now and not when this goes out of use: it is timed.
  mutating func giveBack() {
    pipes.giveBack()
    file = nil
  }
}

/// Single pages of a file in memory, one write after another. A class, for what cannot be copied cannot be looked at where it may be missing.
private final class PagesInFile {
  private let file: Descriptor
  private(set) var pages: UInt64 = 0

  init() throws(SystemFailure) {
    do throws(SystemError) { file = try MemoryFile.make("transient", bytes: 0) } catch {
      throw SystemFailure(operation: error.operation, errno: error.errno, advice: "use --transient-backend pipe")
    }
  }

  func add(pages wanted: Int, from source: borrowing PageSource) throws(SystemFailure) {
    var left = wanted
    while left > 0 {
      let count = min(left, PageSource.pages)
      do throws(Errno) {
        try file.write(UnsafeRawBufferPointer(start: source.address, count: count * PageSize.bytes))
      } catch {
        throw SystemFailure(
          operation: "write to a file in memory", errno: error,
          advice: "the kernel could not allocate a page; pin less, or free memory first")
      }
      pages += UInt64(count)
      left -= count
    }
  }
}
