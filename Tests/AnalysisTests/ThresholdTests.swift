import Experiment
import Testing

@testable import Analysis

/// Curves made by hand, with noise: what is in them is known.
@Suite struct ThresholdTests {
  private static let seeds = Array(UInt64(1)...5)

  /// Durations around `level`, up to 30 % off either way.
  private static func noisy(_ level: Double, _ count: Int, _ random: inout RandomGenerator) -> [Double] {
    (0..<count).map { _ in level * (0.7 + 0.6 * Double(random.below(1_000_000)) / 1_000_000) }
  }

  private func expect(_ found: Int?, _ wanted: Int, within tolerance: Int, _ seed: UInt64) throws {
    let found = try #require(found, "nothing found, seed \(seed)")
    #expect(abs(found - wanted) <= tolerance, "\(found) in place of \(wanted), seed \(seed)")
  }

  @Test(arguments: seeds)
  func stepThenLineThenGrowth(_ seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.04, 18, &random) + [2.5] + Self.noisy(0.06, 52, &random)
    for index in 1...22 {
      durations += Self.noisy((0..<index).reduce(0.06) { product, _ in product * 1.15 }, 1, &random)
    }
    let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
    #expect(thresholds.first == 18)
    try expect(thresholds.second, 71, within: 5, seed)
  }

  @Test(arguments: seeds)
  func quadraticGrowth(_ seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.04, 18, &random) + [2.5] + Self.noisy(0.06, 52, &random)
    for index in 1...22 { durations += Self.noisy(0.06 + 0.05 * Double(index), 1, &random) }
    let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
    #expect(thresholds.first == 18)
    try expect(thresholds.second, 71, within: 5, seed)
  }

  @Test(arguments: seeds)
  func stepsAloneAreNoGrowth(_ seed: UInt64) {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.04, 128, &random)
    durations[18] = 1.5
    durations[30] = 1
    durations[52] = 2
    let curve = MountCurve(durationsSeconds: durations)
    #expect(Steps(of: curve).steps.map(\.mount) == [19, 31, 53])
    let thresholds = Thresholds(of: curve)
    #expect(thresholds.first == 18 && thresholds.second == nil)
  }

  @Test(arguments: seeds)
  func aFlatCurveWithHeavyTails(_ seed: UInt64) {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.006, 128, &random)
    // A real machine: now and then one of 40 ms, late enough to be little of the whole.
    for index in [60, 77, 90, 121] { durations[index] = 0.04 }
    let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
    #expect(thresholds.first == nil && thresholds.second == nil)
  }

  @Test(arguments: seeds)
  func growthWithoutAStep(_ seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.05, 40, &random)
    for index in 1...30 {
      durations += Self.noisy((0..<index).reduce(0.05) { product, _ in product * 1.12 }, 1, &random)
    }
    let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
    #expect(thresholds.first == nil)
    try expect(thresholds.second, 40, within: 6, seed)
  }

  @Test func tooShortToSay() {
    for durations in [[], [1, 2, 4, 8, 16, 32]] as [[Double]] {
      let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
      #expect(thresholds.first == nil && thresholds.second == nil)
    }
    // Fewer than five calm mounts before it: nobody can say what is usual.
    #expect(Steps(of: MountCurve(durationsSeconds: [1, 1, 1, 1, 90])).steps.isEmpty)
    #expect(Steps(of: MountCurve(durationsSeconds: [1, 1, 1, 1, 1, 90])).steps == [.init(mount: 6, heightSeconds: 89)])
  }

  @Test func aStepMustBeMuchOfTheCurve() {
    // 11 is ten medians above 1, but behind 74 of them it is less than 15 % of what went before.
    let late = [Double](repeating: 1, count: 74) + [11]
    #expect(Steps(of: MountCurve(durationsSeconds: late)).steps.isEmpty)
    let early = [Double](repeating: 1, count: 73) + [11]
    #expect(Steps(of: MountCurve(durationsSeconds: early)).steps == [.init(mount: 74, heightSeconds: 10)])
  }

  @Test func oneLateMountOfANoisyMachineIsNoStep() {
    for index in 5..<128 {
      var durations = [Double](repeating: 0.006, count: 128)
      durations[index] = 0.04
      #expect(Steps(of: MountCurve(durationsSeconds: durations)).steps.isEmpty, "mount \(index + 1)")
    }
  }

  @Test(arguments: seeds)
  func fastGrowthIsNoStep(_ seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    var durations = Self.noisy(0.05, 40, &random)
    for index in 1...30 {
      durations += Self.noisy((0..<index).reduce(0.05) { product, _ in product * 1.3 }, 1, &random)
    }
    let thresholds = Thresholds(of: MountCurve(durationsSeconds: durations))
    #expect(thresholds.first == nil)
    try expect(thresholds.second, 40, within: 5, seed)
  }

  /// Steps, and behind the last one straight on at more than twice the slope. With so much noise chance rises now and then.
  @Test func anotherSlopeIsNoGrowth() {
    let found = Self.seeds.count { (seed: UInt64) in
      var random = RandomGenerator(seed: seed)
      var durations = Self.noisy(0.03, 53, &random) + Self.noisy(0.07, 75, &random)
      for index in [18, 30, 52] { durations[index] = 1.5 }
      return Thresholds(of: MountCurve(durationsSeconds: durations)).second != nil
    }
    #expect(found <= 1)
  }

  @Test func theCurveEndsWhereAServiceStops() {
    let mounts = [
      Sample.mount(1, mount: 1_000_000_000), Sample.mount(2, .timedOut, mount: 60_000_000_000),
      Sample.mount(3, mount: 1_000_000_000),
    ]
    let curve = MountCurve(of: mounts)
    #expect(curve.durationsSeconds == [1])
    #expect(MountCurve(durationsSeconds: [1, 2, 3]).cumulativeSeconds == [1, 3, 6])
  }

  @Test func slopesLeaveStepsOut() throws {
    var durations = [Double](repeating: 0.5, count: 40)
    durations[20] = 30
    let curve = MountCurve(durationsSeconds: durations)
    #expect(abs(try #require(Slope.secondsPerMount(curve, after: 0, through: 40)) - 0.5) < 1e-9)
    // Every other mount takes long: the line through the curve has it, a median would not.
    let swinging = MountCurve(durationsSeconds: (0..<40).map { $0 % 3 == 0 ? 0.3 : 0.15 })
    #expect(abs(try #require(Slope.secondsPerMount(swinging, after: 0, through: 40)) - 0.2) < 0.01)
    #expect(Slope.secondsPerMount(curve, after: 38, through: 40) == nil)
    #expect(Slope.secondsPerMount(curve, after: 50, through: 40) == nil)
  }
}
