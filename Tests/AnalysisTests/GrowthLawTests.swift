import Experiment
import Testing

@testable import Analysis

@Suite struct GrowthLawTests {
  /// A cumulative curve with one part in ten thousand of noise.
  private func curve(_ seed: UInt64, _ time: (Double) -> Double) -> MountCurve {
    var random = RandomGenerator(seed: seed)
    let times = (0..<30).map { time(Double($0)) * (1 + (Double(random.below(2001)) - 1000) / 1e7) }
    return MountCurve(durationsSeconds: times.indices.map { times[$0] - ($0 > 0 ? times[$0 - 1] : 0) })
  }

  @Test(arguments: UInt64(1)...10)
  func eachLawIsKnown(_ seed: UInt64) throws {
    let exponential = try #require(
      GrowthLaw(of: curve(seed) { 5 * (0..<Int($0)).reduce(1.0) { product, _ in product * 1.1 } }, after: 0))
    #expect(exponential.exponentialMargin > 10)
    let quadratic = try #require(GrowthLaw(of: curve(seed) { 5 + 0.1 * $0 + 0.05 * $0 * $0 }, after: 0))
    #expect(quadratic.exponentialMargin < -10 && quadratic.quadraticAIC < quadratic.linearAIC - 10)
    let linear = try #require(GrowthLaw(of: curve(seed) { 5 + 0.1 * $0 }, after: 0))
    #expect(linear.exponentialMargin < -10 && linear.linearAIC < linear.quadraticAIC + 10)
  }

  /// By hand: T = 0, 1, 4, 9 … leaves of a line, over n points, the squares n (n^2 - 1) (n^2 - 4) / 180.
  @Test func theResidualOfALine() throws {
    let times = (1...8).map { Double($0 * $0) }
    let law = try #require(
      GrowthLaw(
        of: MountCurve(durationsSeconds: times.indices.map { times[$0] - ($0 > 0 ? times[$0 - 1] : 0) }), after: 0))
    let residual = 8.0 * 63 * 60 / 180
    // n ln(RSS / n) + 2 k + 2 k (k + 1) / (n - k - 1) with n 8 and k 3; ln 21 is 3.0445224377234230.
    #expect(residual / 8 == 21)
    #expect(abs(law.linearAIC - (8 * 3.0445224377234230 + 6 + 6)) < 1e-9)
  }

  /// Durations that grow by 15 % each, with noise, behind 5 s that went before: ln T is anything but straight.
  @Test(arguments: UInt64(1)...20)
  func anExponentialCurveThatBeginsHigh(_ seed: UInt64) throws {
    var random = RandomGenerator(seed: seed)
    let durations =
      [5.0]
      + (0..<25).map { index in
        (0..<index).reduce(0.06) { product, _ in product * 1.15 }
          * (0.9 + 0.2 * Double(random.below(1_000_000)) / 1_000_000)
      }
    let law = try #require(GrowthLaw(of: MountCurve(durationsSeconds: durations), after: 1))
    #expect(law.exponentialMargin > 10, "\(law)")
    #expect(abs(law.growthFactor - 1.15) < 0.02)
  }

  @Test func tooFewMounts() {
    #expect(GrowthLaw(of: MountCurve(durationsSeconds: [1, 1, 1, 1, 1]), after: 0) == nil)
    #expect(GrowthLaw(of: MountCurve(durationsSeconds: [1, 1, 1, 1, 1, 1]), after: 0) != nil)
    #expect(GrowthLaw(of: MountCurve(durationsSeconds: [1, 1, 1, 1, 1, 1]), after: 1) == nil)
    #expect(GrowthLaw(of: MountCurve(durationsSeconds: [.infinity, 1, 1, 1, 1, 1, 1]), after: 0) == nil)
  }

  @Test(arguments: [
    (1.0, 0.0), (2, 0.6931471805599453), (10, 2.302585092994046), (0.1, -2.3025850929940455),
    (1e-300, -690.7755278982137),
    (1.4142135623730951, 0.34657359027997264), (1e300, 690.7755278982137), (0.9999999, -1.0000000494736474e-7),
  ])
  func logarithms(_ value: Double, _ expected: Double) {
    #expect(abs(Logarithm.natural(value) - expected) <= 4e-16 * max(1, abs(expected)))
  }

  @Test func logarithmsOfWhatHasNone() {
    #expect(Logarithm.natural(0) == -.infinity)
    #expect(Logarithm.natural(-1).isNaN && Logarithm.natural(.nan).isNaN)
    #expect(Logarithm.natural(.infinity) == .infinity)
  }

  @Test func promotion() throws {
    // The five mounts around 6 have the highest mean, the highest single one is mount 1.
    let ratios: [Double?] = [0.5, nil, 0, 0.2, 0.3, 0.3, 0.3, 0.2, 0, 0.01, nil]
    let profile = try #require(PromotionProfile(ratios))
    #expect(profile.peakMount == 6 && profile.highestRatio == 0.5 && profile.firstMount == 1)
    #expect(abs(profile.lastToHighest - 0.02) < 1e-12)
    #expect(PromotionProfile([0, nil, 0]) == nil)
    #expect(PromotionProfile([]) == nil)
    #expect(PromotionProfile([nil, 0, 0.1])?.firstMount == 3)
  }

  @Test func levellingOff() {
    // Level to 18, down to 23, level with small waves and a slow drift.
    let falling = (0...128).map { index -> Double in
      if index <= 18 { return 2000 }
      if index <= 23 { return 2000 - 200 * Double(index - 18) }
      return 1000 - 0.3 * Double(index - 23) + (index % 2 == 0 ? 5 : 0)
    }
    #expect(LevelOff.mount(falling) == 23)
    #expect(LevelOff.mount((0...128).map { 2000 - 10 * Double($0) }) == nil)
    #expect(LevelOff.mount([Double](repeating: 5, count: 50)) == nil)
    #expect(LevelOff.mount([]) == nil)
    // It falls once more at the very end.
    #expect(LevelOff.mount(falling.dropLast(5) + [Double](repeating: 300, count: 5)) == nil)
  }
}
