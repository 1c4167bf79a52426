import Experiment
import LinuxSystem
import PressureProtocol

extension PressureService where Memory: ~Copyable {
  /// Environment 1: pinned and transient pages in turn, so that in the end each free run between two pinned pages is no
  /// longer than the transient pages of one cycle. Whatever ends this, the transient pages are given back,
  /// and with them the pages of the other kind that the dose does not keep.
  mutating func inject(
    _ pattern: InjectionPattern, maximumPages: UInt64?, dose: InjectionDose, transient backend: TransientBackend
  ) throws(WorkStop) -> PressureReply {
    func headroom(_ reading: MemoryReading) -> UInt64 {
      backend == .memfd ? reading.movableHeadroomPages : reading.injectHeadroomPages
    }
    /// How many pages are still to come, of both kinds. Only the zones that the kernel may use decide when to stop; movable pages fill the other besides.
    func expectation(_ reading: MemoryReading) -> UInt64 {
      headroom(reading) + (backend == .memfd ? reading.movableFreePages : 0)
    }
    let cyclePages = UInt64(pattern.pinnedPages + pattern.transientPages)
    let started = Clock.monotonicNanoseconds()
    var reading = try look()
    let limit = maximumPages ?? .max
    let expected = min(limit, expectation(reading))
    var transient: TransientPages
    do throws(SystemFailure) {
      let plan = try InjectionPlan(
        expectedPages: expected, pattern: pattern, transient: backend, descriptors: freeDescriptors)
      pinned.slots = plan.keptSlots
      transient = try TransientPages(backend, slots: plan.transientSlots)
    } catch {
      throw .failed(error)
    }
    defer { pinned.slots = Self.pinnedSlots }
    pinned.reserve(pages: expected / cyclePages * UInt64(pattern.pinnedPages))
    transient.reserve(pages: expected / cyclePages * UInt64(pattern.transientPages))

    let pinnedBefore = pinned.pages
    var lot = InjectionDose.Lot(dose)
    var done: UInt64 = 0
    var stop = InjectionStop.watermarks
    while true {
      try checkpoint()
      // The first look is still fresh.
      if done > 0 { reading = try look() }
      guard limit - done >= cyclePages else {
        stop = .maximumPages
        break
      }
      let headroomStep = MarginPolicy.injectStepPages(
        headroomPages: headroom(reading), cyclePages: cyclePages)
      let step = min(headroomStep, (limit - done) / cyclePages * cyclePages)
      if step == 0 { break }
      do throws(SystemFailure) {
        for _ in 0..<step / cyclePages {
          for _ in 0..<pattern.pinnedPages {
            if lot.keeps() {
              try pinned.add(pages: 1, from: source)
            } else {
              try transient.add(pages: 1, from: source)
            }
          }
          try transient.add(pages: pattern.transientPages, from: source)
        }
      } catch {
        throw .failed(error)
      }
      done += step
      let total = max(done, min(limit, done - step + expectation(reading)))
      channel.send(.progress(donePages: done, totalPages: total))
    }
    let filled = Clock.monotonicNanoseconds()
    let transientPages = transient.pages
    assert(pinned.pages - pinnedBefore + transientPages == done)
    transient.giveBack()
    let released = Clock.monotonicNanoseconds()
    return .injected(
      Injection(
        pinnedPages: pinned.pages - pinnedBefore, transientPages: transientPages, stop: stop,
        fillNanoseconds: filled - started, releaseNanoseconds: released - filled))
  }
}
