import KernelText
import TestSupport
import Testing

@Suite struct PageAllocationEventTests {
  private static func events(_ kernel: String, _ file: String) throws -> [PageAllocationEvent] {
    try Fixture.text(kernel, file).split(separator: "\n").compactMap { line throws(KernelTextError) in
      try PageAllocationEvent.parse(line: String(line))
    }
  }

  private static let rest = "page=00000000283c1d07 pfn=0x4cb17b order=2 migratetype=1 gfp_flags=GFP_NOFS|__GFP_COMP"

  @Test func eventsAsRecorded() throws {
    let events = try Self.events("6.18", "trace")
    #expect(events.map(\.pid) == [5741, 5741, 5741, 5741] && events.map(\.cpu) == [0, 0, 0, 1])
    // A command made to look like none: a parenthesis, then a combining mark.
    #expect(events.allSatisfy { $0.task.unicodeScalars.elementsEqual("x)\u{301}(y".unicodeScalars) })
    let first = try #require(events.first)
    #expect(first.timestampMicroseconds == 6_101_436_392 && first.order == 0 && first.migrateType == 1)
    #expect(first.gfpFlags == ["GFP_HIGHUSER_MOVABLE", "__GFP_COMP"] && first.pageFrameNumber == 0x4cb17b)
    #expect(events[1].gfpFlags == ["GFP_HIGHUSER", "__GFP_ACCOUNT"] && events[1].migrateType == 0)
    #expect(events[3].gfpFlags.count == 7 && events[3].gfpFlags.first == "GFP_NOFS")
  }

  /// Recorded with the option record-tgid, from a task that named itself "" and "two\nlines".
  @Test func eventsWithThreadGroup() throws {
    let events = try Self.events("6.18", "trace-tgid")
    #expect(events.map(\.task) == ["bash", "", "lines"] && events.map(\.pid) == [10115, 10115, 10115])
    #expect(events.map(\.order) == [0, 2, 2] && events.map(\.cpu) == [0, 1, 1])
    #expect(events[1].timestampMicroseconds == 6_211_806_022)
  }

  @Test func eventsOfOldKernels() throws {
    let events = try Self.events("4.19", "trace")
    #expect(events.map(\.task) == ["mount", "mount", "<...>"] && events.map(\.cpu) == [1, 1, 127])
    #expect(events.map(\.order) == [3, 9, 0] && events.map(\.migrateType) == [0, 1, 5])
    // Page 0 is a page; a failed allocation has none.
    #expect(events.map(\.pageFrameNumber) == [1_704_824, nil, .max])
    #expect(
      events.map(\.gfpFlags) == [["GFP_KERNEL", "__GFP_NOWARN", "__GFP_COMP"], ["GFP_NOWAIT", "0x8000000"], []])
    #expect(events.map(\.timestampMicroseconds) == [134_000_512, 134_000_513, 9_999_000_000])
  }

  @Test func aFailedAllocation() throws {
    let line =
      "  a-1 [000] ..... 1.000000: mm_page_alloc: page=0000000000000000 pfn=0x0 order=9 migratetype=1 gfp_flags=GFP_USER"
    #expect(try #require(try PageAllocationEvent.parse(line: line)).pageFrameNumber == nil)
  }

  @Test(arguments: [
    "a-1 [9] b: c", "a: mm_page_all", "-1", "x (1) [0] ", "[001] 1.000000", "日本語", "kworker/u8:3-ev", "\u{301}", "#",
    "a\tb",
  ])
  func commandsOfEveryKind(command: String) throws {
    let padding = String(repeating: " ", count: max(0, 16 - command.utf8.count))
    for context in [
      "-77      [003] d.s2.", "-77      (     12) [003] .....", "-77      (-------) [003] .....", "-77      [003]",
    ] {
      let line = "\(padding)\(command)\(context)    12.000034: mm_page_alloc: \(Self.rest)"
      let event = try #require(try PageAllocationEvent.parse(line: line))
      #expect(event.task == command && event.pid == 77 && event.cpu == 3 && event.timestampMicroseconds == 12_000_034)
      #expect(event.order == 2 && event.gfpFlags == ["GFP_NOFS", "__GFP_COMP"])
    }
  }

  /// A field more, as some vendors' kernels have, is passed over.
  @Test func anUnknownField() throws {
    let line =
      "a-1 [000] .... 1.000000: mm_page_alloc: page=00000000d2be5665 pfn=970744 order=0 migratetype=0 nr_free=3650 gfp_flags=GFP_USER\r\n"
    let event = try #require(try PageAllocationEvent.parse(line: line))
    #expect(event.pageFrameNumber == 970_744 && event.gfpFlags == ["GFP_USER"])
  }

  @Test(arguments: [
    "", "\n", "# tracer: nop", "#a-1 [000] ..... 1.000000: mm_page_alloc: \(rest)", "CPU:0 [LOST 12 EVENTS]",
    "       two",
    "  a-1 [000] ..... 1.000000: mm_page_free: page=000000004b48e6f2 pfn=0x108feb order=0",
    "  a-1 [000] ..... 1.000000: mm_page_alloc_extfrag: page=000000004b48e6f2 pfn=0x108feb alloc_order=0",
    "  a-1 [000] ..... 1.000000: tracing_mark_write: mm_page_alloc",
  ])
  func linesOfOtherKinds(line: String) throws {
    #expect(try PageAllocationEvent.parse(line: line) == nil)
  }

  @Test(arguments: [
    // The columns before the event.
    ": mm_page_alloc: \(rest)", "a [000] ..... 1.000000: mm_page_alloc: \(rest)",
    "a-1 ..... 1.000000: mm_page_alloc: \(rest)",
    "a-1 [000] ..... 1.00000: mm_page_alloc: \(rest)", "a-1 [000] ..... 1000000: mm_page_alloc: \(rest)",
    "a-1 [000] ..... 18446744073709.551616: mm_page_alloc: \(rest)", "a-1 [x] ..... 1.000000: mm_page_alloc: \(rest)",
    "a-9223372036854775808 [0] ..... 1.000000: mm_page_alloc: \(rest)",
    "a-1 12) [000] ..... 1.000000: mm_page_alloc: \(rest)",
    // Written by a user into trace_marker.
    "a-1 [000] ..... 1.000000: tracing_mark_write: 2.000000: mm_page_alloc: \(rest)",
    "a-1 [000] ..... 1.000000: tracing_mark_write: b-2 [001] ..... 2.000000: mm_page_alloc: \(rest)",
    // The event itself.
    "a-1 [000] ..... 1.000000: mm_page_alloc: ",
  ])
  func linesThatAreRefused(line: String) {
    #expect { try PageAllocationEvent.parse(line: line) } throws: {
      ($0 as? KernelTextError)?.source == "/sys/kernel/tracing/trace"
    }
  }

  @Test(arguments: [
    ("page=", "pages="), ("pfn=0x4cb17b", "pfn=0x"), ("pfn=0x4cb17b", "pfn=0x+4"),
    ("pfn=0x4cb17b", "pfn=0x10000000000000000"),
    ("pfn=0x4cb17b", "pfn=4cb17b"), ("order=2", "order=-2"), ("order=2", "order=9223372036854775808"),
    ("order=2", "order="),
    ("migratetype=1", "migratetype=one"), ("gfp_flags=GFP_NOFS|__GFP_COMP", "gfp_flags="),
    (" gfp_flags=GFP_NOFS|__GFP_COMP", ""),
  ])
  func fieldsThatAreRefused(field: String, replacement: String) throws {
    let line = "a-1 [000] ..... 1.000000: mm_page_alloc: \(Self.rest)"
    let changed = line.replacing(field, with: replacement)
    #expect(changed != line)
    #expect(throws: KernelTextError.self) { try PageAllocationEvent.parse(line: changed) }
  }

  @Test func cutAnywhere() throws {
    let mark = " 1.000000: mm_page_alloc: "
    let bytes = Array(("  a-1 (      7) [000] ....." + mark + Self.rest).utf8)
    for end in bytes.indices {
      let text = String(decoding: bytes[..<end], as: UTF8.self)
      do {
        let event = try PageAllocationEvent.parse(line: text)
        // Without the mark it is some line; behind it, one can only lose flags.
        #expect(event == nil ? !text.contains(mark) : text.contains("gfp_flags=G"), "\(text)")
      } catch {
        #expect(text.contains(mark) && !text.contains("gfp_flags=G"), "\(error)")
      }
    }
  }

  @Test func randomChanges() {
    var generator = SeededGenerator(seed: 73)
    let original = Array("        a) b-77  (   12) [003] d..1.   12.000034: mm_page_alloc: \(Self.rest)".utf8)
    let likely = Array("0123456789 .:-[]()|=x\n\r\u{0}\u{301}".utf8)
    var read = 0
    for _ in 0..<3000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let index = bytes.indices.randomElement(using: &generator)!
        switch Int.random(in: 0...2, using: &generator) {
        case 0: bytes[index] = likely.randomElement(using: &generator)!
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        default: bytes.remove(at: index)
        }
      }
      do {
        if try PageAllocationEvent.parse(line: String(decoding: bytes, as: UTF8.self)) != nil { read += 1 }
      } catch { #expect(error.content.count <= 120 && !error.expected.isEmpty) }
    }
    // Neither everything nor nothing is taken for an event.
    #expect((100..<2900).contains(read))
  }

  @Test(arguments: [" ", "a ", "7", "[000] ", ")", "-1 ", ": mm_page_alloc: ", "e\u{301}"])
  func aLineOfAMegabyte(filler: String) {
    let long = String(repeating: filler, count: (1 << 20) / filler.utf8.count)
    let tail = " [000] ..... 1.000000: mm_page_alloc: \(Self.rest)"
    for line in [long, long + tail, "a-1" + tail + long] {
      do { _ = try PageAllocationEvent.parse(line: line) } catch { #expect(error.content.count <= 120) }
    }
  }
}
