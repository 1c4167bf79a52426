@testable import PressureHelper
import Experiment
import KernelText
import Testing

@Suite("The memory margin")
struct MarginPolicyTests {
  /// /proc/zoneinfo of Linux 6.18, 24 GB, with a ballast: DMA, DMA32, Normal, Movable, Device.
  static let big = [
    ZoneLevel(freePages: 3840, highPages: 79, protectionPages: 4683, isUsable: true),
    ZoneLevel(freePages: 772_915, highPages: 16_285, protectionPages: 1664, isUsable: true),
    ZoneLevel(freePages: 307_523, highPages: 8976, protectionPages: 0, isUsable: true),
    ZoneLevel(freePages: 0, highPages: 32, protectionPages: 0, isUsable: false),
    ZoneLevel(freePages: 0, highPages: 0, protectionPages: 0, isUsable: false),
  ]

  static func reading(availableBytes: UInt64, highWatermarkPages: UInt64 = 25_372, headroom: UInt64 = 0)
    -> MemoryReading
  {
    MemoryReading(
      memFreeBytes: availableBytes, memAvailableBytes: availableBytes, highWatermarkPages: highWatermarkPages,
      injectHeadroomPages: headroom, movableHeadroomPages: headroom)
  }

  @Test("headroom is what each zone has above its high watermark and its reserve, and none makes up for another")
  func headroom() {
    #expect(MarginPolicy.injectHeadroomPages(Self.big) == (772_915 - 16_285 - 1664) + (307_523 - 8976))
    var low = Self.big
    low[2].freePages = 100
    #expect(MarginPolicy.injectHeadroomPages(low) == 772_915 - 16_285 - 1664)
    low[3].freePages = 1_000_000
    #expect(MarginPolicy.injectHeadroomPages(low) == 772_915 - 16_285 - 1664, "Movable is not for such pages")
    #expect(MarginPolicy.injectHeadroomPages([]) == 0)
    // Of a divided machine: movable pages are kept from the last 10,240.
    low[2] = ZoneLevel(
      freePages: 307_523, highPages: 8976, protectionPages: 0, movableProtectionPages: 10_240, isUsable: true)
    #expect(
      MarginPolicy.injectHeadroomPages(low) - MarginPolicy.injectHeadroomPages(low, withMovable: true) == 10_240)
  }

  @Test("a boost is no watermark to an injection: it goes when kswapd has run")
  func boostIsNoWatermarkToAnInjection() {
    var boosted = Self.big
    boosted[2].highPages += 13_000
    boosted[2].boostPages = 13_000
    #expect(MarginPolicy.injectHeadroomPages(boosted) == MarginPolicy.injectHeadroomPages(Self.big))
    boosted[2].boostPages = 12_000
    #expect(MarginPolicy.injectHeadroomPages(boosted) == MarginPolicy.injectHeadroomPages(Self.big) - 1_000)
    // A text that was caught between two lines.
    boosted[2].boostPages = .max
    #expect(MarginPolicy.injectHeadroomPages(boosted) == (772_915 - 16_285 - 1664) + 307_523)
  }

  @Test("the margin is the high watermarks and 64 MiB")
  func margin() {
    #expect(MarginPolicy.marginBytes(Self.reading(availableBytes: 0)) == 64 << 20 + 25_372 * 4096)
  }

  @Test("pinning takes 8,192 pages at a time, less near the margin, none at it")
  func pinSteps() {
    let margin = MarginPolicy.marginBytes(Self.reading(availableBytes: 0))
    func step(_ spare: Int, remaining: UInt64 = 1_000_000) -> UInt64 {
      MarginPolicy.pinStepPages(
        remaining: remaining, Self.reading(availableBytes: UInt64(Int(margin) + spare)))
    }
    #expect(step(4 << 30) == 8192)
    #expect(step(4 << 30, remaining: 10) == 10)
    #expect(step(3200 * 4096) == 3100)
    #expect(step(4095) == 0)
    #expect(step(0) == 0)
    #expect(step(-1) == 0)
    #expect(step(-Int(margin)) == 0)
  }

  @Test("a boost of 112 MB moves the margin by as much")
  func boost() {
    let calm = Self.reading(availableBytes: 200 << 20, highWatermarkPages: 25_372)
    let boosted = Self.reading(availableBytes: 200 << 20, highWatermarkPages: 25_372 + 28_672)
    #expect(MarginPolicy.pinStepPages(remaining: 8192, calm) > 0)
    #expect(MarginPolicy.pinStepPages(remaining: 8192, boosted) == 0)
  }

  @Test(
    "injection steps shrink, are whole cycles, never pass the stop, and end",
    arguments: [2, 8, 9, 64, 8192] as [UInt64])
  func injectSteps(cycle: UInt64) {
    var headroom: UInt64 = 1_053_513
    var steps = 0
    while true {
      let step = MarginPolicy.injectStepPages(headroomPages: headroom, cyclePages: cycle)
      if step == 0 { break }
      #expect(step % cycle == 0)
      #expect(step <= max(MarginPolicy.checkpointPages, cycle))
      #expect(step + MarginPolicy.injectStopPages <= headroom)
      headroom -= step
      steps += 1
    }
    #expect(headroom < MarginPolicy.injectStopPages + cycle)
    #expect(steps < 400)
    #expect(MarginPolicy.injectStepPages(headroomPages: 0, cyclePages: cycle) == 0)
  }

  @Test("rings for 3.5 GB of injection fit 20,000 descriptors without a block above order 2")
  func ordinaryPlan() throws {
    let plan = try InjectionPlan(
      expectedPages: 917_504, pattern: InjectionPattern(pinnedPages: 1, transientPages: 7)!, descriptors: 19_984)
    #expect(plan.keptSlots == 64)
    #expect(plan.transientSlots == 256)
    // 1,793 kept and 3,137 transient pipes, and a sixteenth.
    #expect(plan.descriptors == 5238)
  }

  @Test(
    "larger rings only where the descriptors do not suffice", arguments: [(3_900_000, 128, 256), (6_000_000, 128, 512)])
  func largePlan(pages: UInt64, kept: Int, transient: Int) throws {
    let plan = try InjectionPlan(
      expectedPages: pages, pattern: InjectionPattern(pinnedPages: 1, transientPages: 7)!, descriptors: 19_984)
    #expect(plan.keptSlots == kept)
    #expect(plan.transientSlots == transient)
    #expect(plan.descriptors <= 19_984)
  }

  @Test("pages of a file need one descriptor, so that the pinned ones keep their small rings")
  func planOfAFile() throws {
    let plan = try InjectionPlan(
      expectedPages: 6_000_000, pattern: InjectionPattern(pinnedPages: 1, transientPages: 7)!, transient: .memfd,
      descriptors: 19_984)
    // 11,719 kept pipes and a file, and a sixteenth.
    #expect(plan.keptSlots == 64 && plan.descriptors == 12_452)
  }

  @Test("what cannot be done is refused with what to do", arguments: [-5, 0, 100, 1008])
  func impossiblePlan(descriptors: Int) throws {
    let failure = #expect(throws: SystemFailure.self) {
      try InjectionPlan(
        expectedPages: 917_504, pattern: InjectionPattern(pinnedPages: 1, transientPages: 7)!, descriptors: descriptors)
    }
    #expect(try #require(failure).explanation.contains("ulimit -n"))
  }
}
