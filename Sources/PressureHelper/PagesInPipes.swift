import CLinux
import LinuxSystem
import SystemPackage

/// Single pages held in pipes: as many full pipes as it takes, and one that is being filled.
struct PagesInPipes: ~Copyable {
  /// Slots of the next pipe. 64 slots take a ring of 2,560 bytes, 128 one of 5,120: both come from slabs (kmalloc-4k,
  /// kmalloc-8k) and so leave the page allocator's pattern alone; from 256 slots on the ring is a block of its own.
  var slots: Int
  private var full = KeptPipes()
  private var filling: FillingPipe?
  private(set) var pages: UInt64 = 0

  init(slots: Int) {
    self.slots = slots
  }

  var openPipes: Int { full.count + (filling == nil ? 0 : 1) }

  /// Makes room for the descriptors of that many more pages.
  mutating func reserve(pages: UInt64) {
    full.reserve(Int(clamping: pages / UInt64(slots) + 2))
  }

  /// Adds exactly that many pages. After an error those that were written stay.
  mutating func add(pages wanted: Int, from source: borrowing PageSource) throws(SystemFailure) {
    var left = wanted
    while left > 0 {
      var pipe = try pipeToFill()
      do throws(SystemFailure) {
        let written = try pipe.fill(pages: left, from: source)
        left -= written
        pages += UInt64(written)
      } catch {
        filling = consume pipe
        throw error
      }
      if pipe.freeSlots == 0 {
        full.keep(pipe.keepingWriteEnd())
      } else {
        filling = consume pipe
      }
    }
    assert(left == 0)
  }

  private mutating func pipeToFill() throws(SystemFailure) -> FillingPipe {
    if let pipe = filling.take() { return pipe }
    return try FillingPipe(slots: slots)
  }

  /// Frees all pages, now and not when this goes out of use: it is timed.
  mutating func giveBack() {
    full = KeptPipes()
    filling = nil
    pages = 0
  }
}

/// Locked anonymous pages: movable, unlike pages in pipes.
struct LockedPages: ~Copyable {
  private var chunks: [(address: UnsafeMutableRawPointer, bytes: Int)] = []

  var pages: UInt64 { chunks.reduce(0) { $0 + UInt64($1.bytes / PageSize.bytes) } }

  /// Maps, touches and locks one chunk of small pages; all of it or none.
  mutating func add(pages: Int) throws(SystemFailure) {
    assert(pages > 0)
    let bytes = pages * PageSize.bytes
    let mapping = mmap(
      nil, bytes, PROT_READ | PROT_WRITE, Int32(MAP_PRIVATE) | Int32(MAP_ANONYMOUS), -1, 0)
    let address = try calling(
      "mmap", advice: "no address space for \(bytes) bytes; see vm.max_map_count and vm.overcommit_memory"
    ) { Int(bitPattern: mapping) }
    let chunk = UnsafeMutableRawPointer(bitPattern: address)!
    do throws(SystemFailure) {
      // A huge page would be one block of order 9, not 512 single pages.
      do throws(SystemFailure) {
        try calling("madvise MADV_NOHUGEPAGE", advice: "use a kernel that supports it, or switch huge pages off") {
          madvise(chunk, bytes, Int32(MADV_NOHUGEPAGE))
        }
      } catch  where error.errno == .invalidArgument {
        // A kernel without huge pages.
      }
      for offset in stride(from: 0, to: bytes, by: PageSize.bytes) {
        chunk.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
      }
      try calling("mlock", advice: "raise `ulimit -l` or run with CAP_IPC_LOCK") { mlock(chunk, bytes) }
    } catch {
      munmap(chunk, bytes)
      throw error
    }
    chunks.append((chunk, bytes))
  }

  deinit {
    for chunk in chunks { munmap(chunk.address, chunk.bytes) }
  }
}
