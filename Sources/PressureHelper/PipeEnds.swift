import CLinux
import LinuxSystem
import SystemPackage

/// Both ends of a pipe, non-blocking and close-on-exec. While it is being written to it needs both: a write without a
/// reader is EPIPE (pipe(7)).
struct PipeEnds: ~Copyable {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws(SystemFailure) {
    var ends: (Int32, Int32) = (-1, -1)
    do throws(Errno) {
      try SystemCall.perform {
        withUnsafeMutableBytes(of: &ends) { clinux_pipe($0.baseAddress!.assumingMemoryBound(to: Int32.self), 1) }
      }
    } catch { throw .makingPipe(error) }
    (readEnd, writeEnd) = ends
    assert(readEnd >= 0 && writeEnd >= 0)
  }

  deinit {
    _ = clinux_close(readEnd)
    _ = clinux_close(writeEnd)
  }

  /// Gives the pipe a ring array of that many slots. It keeps its old ring when this fails (fs/pipe.c, `pipe_resize_ring`).
  borrowing func resize(slots: Int) throws(Errno) {
    assert(slots > 0 && slots & (slots - 1) == 0, "the kernel rounds up to a power of two")
    try SystemCall.check { clinux_set_pipe_size(writeEnd, Int32(slots * PageSize.bytes)) }
  }

  /// Closes the read end and hands out the write end: it alone keeps the ring and all pages in it, at one descriptor per
  /// pipe (fs/pipe.c: `free_pipe_info` runs when the last of both ends is closed). Nothing can be written any more.
  consuming func keepingWriteEnd() -> Int32 {
    let kept = writeEnd
    _ = clinux_close(readEnd)
    discard self
    return kept
  }
}

/// Write ends that keep pages or a ring array in the kernel until they are closed.
struct KeptPipes: ~Copyable {
  private var writeEnds: [Int32] = []

  var count: Int { writeEnds.count }

  /// Makes room at once, for an allocation in the pinning loop would be one more among the pages it lays out.
  mutating func reserve(_ count: Int) {
    writeEnds.reserveCapacity(writeEnds.count + count)
  }

  mutating func keep(_ pipe: consuming PipeEnds) {
    writeEnds.append(pipe.keepingWriteEnd())
  }

  deinit {
    for writeEnd in writeEnds { _ = clinux_close(writeEnd) }
  }
}

/// Pages to write from: 64 read-only pages that nobody has written to are all the kernel's one zero page, so the source
/// of gigabytes takes no memory at all.
struct PageSource: ~Copyable {
  static let pages = 64
  let address: UnsafeRawPointer

  init() throws(SystemFailure) {
    let mapping = mmap(nil, Self.pages * PageSize.bytes, PROT_READ, Int32(MAP_PRIVATE) | Int32(MAP_ANONYMOUS), -1, 0)
    let address = try calling("mmap", advice: "the helper cannot even map 256 kB; free memory first") {
      Int(bitPattern: mapping)
    }
    self.address = UnsafeRawPointer(bitPattern: address)!
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: address), Self.pages * PageSize.bytes)
  }
}

/// A pipe that is being filled with whole pages. Each is one order-0 page, GFP_HIGHUSER | __GFP_ACCOUNT, hence
/// unmovable (fs/pipe.c, `anon_pipe_write`); two never share one, for each write begins and ends at a page's border.
struct FillingPipe: ~Copyable {
  private let ends: PipeEnds
  private(set) var freeSlots: Int

  init(slots: Int) throws(SystemFailure) {
    let ends = try PipeEnds()
    do throws(Errno) { try ends.resize(slots: slots) } catch { throw .resizingPipe(slots: slots, error) }
    self.ends = ends
    freeSlots = slots
  }

  /// Writes up to `pages`, as many as fit; returns how many. Zero means that the pipe is full.
  mutating func fill(pages: Int, from source: borrowing PageSource) throws(SystemFailure) -> Int {
    assert(pages > 0)
    let wanted = min(pages, freeSlots, PageSource.pages)
    if wanted == 0 { return 0 }
    do throws(Errno) {
      let count = try SystemCall.check { clinux_write(ends.writeEnd, source.address, wanted * PageSize.bytes) }
      assert(count % PageSize.bytes == 0, "a page was half written")
      let written = count / PageSize.bytes
      freeSlots -= written
      return written
    } catch .wouldBlock {
      freeSlots = 0
      return 0
    } catch {
      throw SystemFailure(
        operation: "write to a pipe", errno: error,
        advice: "the kernel could not allocate a page; pin less, or free memory first")
    }
  }

  consuming func keepingWriteEnd() -> PipeEnds { ends }
}
