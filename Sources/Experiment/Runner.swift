/// Drives one scenario through one testbed and reports what happens as events. Everything that is measured is in them.
public struct Runner<Context: RunContext> {
  private let scenario: Scenario
  private let context: Context

  public init(scenario: Scenario, context: Context) {
    self.scenario = scenario
    self.context = context
  }

  /// Runs all phases. The testbed is torn down whatever happens before; the last event is `ended`.
  @discardableResult
  public func run<Bed: Testbed & ~Copyable>(_ testbed: consuming Bed) -> RunEnd {
    let start = context.monotonicNanoseconds()
    var end = RunEnd.completed
    do throws(TestbedFailure) {
      for phase in scenario.phases where phase != .teardown {
        try context.checkpoint()
        if phase == .failover { try testbed.prepareFailover(context) }
        reportTexts("\(phase.rawValue)-before", testbed)
        try timed(phase, since: start) { () throws(TestbedFailure) in try perform(phase, on: &testbed) }
        reportTexts("\(phase.rawValue)-after", testbed)
        if let cost = testbed.toolCost() { context.report(.toolCost(phase, cost)) }
        // Behind the texts: what it takes is in none of them.
        if phase == .failover { try testbed.concludeFailover(context) }
      }
    } catch {
      end = .failed(error)
    }
    context.report(.phaseBegan(.teardown, atNanoseconds: context.monotonicNanoseconds() - start))
    let began = context.monotonicNanoseconds()
    let leftovers = testbed.tearDown()
    context.report(.phaseEnded(.teardown, durationNanoseconds: context.monotonicNanoseconds() - began))
    context.report(.ended(end, leftovers))
    return end
  }

  private func reportTexts<Bed: Testbed & ~Copyable>(_ label: String, _ testbed: borrowing Bed) {
    let texts = testbed.kernelTexts()
    if !texts.isEmpty { context.report(.rawTexts(label: label, texts: texts)) }
  }

  /// A phase that throws has no end: the record shows it as cut off.
  private func timed(
    _ phase: Phase, since start: UInt64, _ body: () throws(TestbedFailure) -> Void
  ) throws(TestbedFailure) {
    let began = context.monotonicNanoseconds()
    context.report(.phaseBegan(phase, atNanoseconds: began - start))
    try body()
    context.report(.phaseEnded(phase, durationNanoseconds: context.monotonicNanoseconds() - began))
  }

  private func perform<Bed: Testbed & ~Copyable>(
    _ phase: Phase, on testbed: inout Bed
  ) throws(TestbedFailure) {
    switch phase {
    case .prepare:
      try testbed.prepare(context)
      context.report(.capabilities(testbed.capabilities))
    case .settle: context.report(.started(try testbed.settle(context)))
    case .populate: context.report(.populated(try testbed.populate(context)))
    case .rewrite: context.report(.rewritten(try testbed.rewrite(context)))
    case .pin: context.report(.pinned(try testbed.pin(context)))
    case .inject: context.report(.injected(try testbed.inject(context)))
    case .failover: try failover(&testbed)
    case .teardown: break
    }
  }

  private func failover<Bed: Testbed & ~Copyable>(_ testbed: inout Bed) throws(TestbedFailure) {
    try context.waitUntilRecorded()
    try testbed.beginFailover(context)
    for number in 1...scenario.fileSystems {
      try context.checkpoint()
      let step = try testbed.mountNext(number: number, context)
      // As in the paper, those after a stopped service wait in vain.
      if step == .over || (step == .stopped && !scenario.keepGoing) { break }
    }
    try testbed.endFailover(context)
  }
}
