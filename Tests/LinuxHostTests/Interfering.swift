import BasicContainers
import CLinux
import Experiment
@testable import LinuxHost

/// The real testbed with something that goes wrong on the way.
struct Interfering: Testbed, ~Copyable {
  var host: LinuxTestbed
  let corruptedVolume: Int?
  let beforePin: () -> Void

  /// - Parameter corrupting: the volume whose first 64 kB are overwritten in its image just before the failover.
  init(host: consuming LinuxTestbed, corrupting: Int? = nil, beforePin: @escaping () -> Void = {}) {
    self.host = host
    corruptedVolume = corrupting
    self.beforePin = beforePin
  }

  var capabilities: Capabilities { host.capabilities }
  mutating func prepare(_ context: some RunContext) throws(TestbedFailure) { try host.prepare(context) }
  mutating func settle(_ context: some RunContext) throws(TestbedFailure) -> StartState { try host.settle(context) }
  mutating func populate(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try host.populate(context)
  }
  mutating func rewrite(_ context: some RunContext) throws(TestbedFailure) -> WorkloadRecord {
    try host.rewrite(context)
  }
  mutating func inject(_ context: some RunContext) throws(TestbedFailure) -> InjectRecord { try host.inject(context) }

  mutating func pin(_ context: some RunContext) throws(TestbedFailure) -> PinRecord {
    beforePin()
    return try host.pin(context)
  }

  mutating func prepareFailover(_ context: some RunContext) throws(TestbedFailure) {
    try host.prepareFailover(context)
    guard let corruptedVolume else { return }
    // Through the device, so that what its page cache holds of the probe is overwritten too.
    let device = clinux_open(host.devices[corruptedVolume - 1].path, O_RDWR, 0)
    precondition(device >= 0)
    let noise = [UInt8](repeating: 0xA5, count: 64 << 10)
    precondition(noise.withUnsafeBytes { clinux_write(device, $0.baseAddress, $0.count) } == noise.count)
    fsync(device)
    _ = clinux_close(device)
  }

  mutating func beginFailover(_ context: some RunContext) throws(TestbedFailure) { try host.beginFailover(context) }
  mutating func endFailover(_ context: some RunContext) throws(TestbedFailure) { try host.endFailover(context) }
  mutating func mountNext(number: Int, _ context: some RunContext) throws(TestbedFailure) -> FailoverStep {
    try host.mountNext(number: number, context)
  }

  borrowing func kernelTexts() -> [String: String] { host.kernelTexts() }
  mutating func toolCost() -> ToolCost? { host.toolCost() }
  consuming func tearDown() -> Leftovers { host.tearDown() }
}
