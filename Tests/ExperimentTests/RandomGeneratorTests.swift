import Experiment
import Testing

@Suite struct RandomGeneratorTests {
  /// xoshiro256** with its state filled by splitmix64, as its authors advise (https://prng.di.unimi.it). These are the
  /// sequences that several published implementations of the pair test themselves against.
  static let published: [(UInt64, [UInt64])] = [
    (
      0, [11_091_344_671_253_066_420, 13_793_997_310_169_335_082, 1_900_383_378_846_508_768, 7_684_712_102_626_143_532]
    ),
    (
      1, [12_966_619_160_104_079_557, 9_600_361_134_598_540_522, 10_590_380_919_521_690_900, 7_218_738_570_589_545_383]
    ),
    (
      42,
      [1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009, 17_057_574_109_182_124_193]
    ),
    (
      .max,
      [10_328_197_420_357_168_392, 14_156_678_507_024_973_869, 9_357_971_779_955_476_126, 13_791_585_006_304_312_367]
    ),
  ]

  @Test(arguments: published)
  func knownAnswers(seed: UInt64, expected: [UInt64]) {
    var generator = RandomGenerator(seed: seed)
    #expect(expected.indices.map { _ in generator.next() } == expected)
  }

  @Test func sameSeedSameSequence() {
    var first = RandomGenerator(seed: 7)
    var second = RandomGenerator(seed: 7)
    var other = RandomGenerator(seed: 8)
    let numbers = (0..<1000).map { _ in first.below(900_000) }
    #expect(numbers == (0..<1000).map { _ in second.below(900_000) })
    #expect(numbers != (0..<1000).map { _ in other.below(900_000) })
  }

  /// Chi-squared over 1,000 cells with 1,000,000 draws: 999 degrees of freedom, mean 999, standard deviation 44.7. The seed is
  /// fixed, so this cannot fail by chance; a generator that prefers some cells by 1 % would be some 100 above the mean.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func belowIsUniform(seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    var cells = [Double](repeating: 0, count: 1000)
    for _ in 0..<1_000_000 { cells[Int(generator.below(1000))] += 1 }
    let chiSquared = cells.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 1000 }
    #expect((999 - 4 * 44.7...999 + 4 * 44.7).contains(chiSquared))
  }

  /// Multiply without rejection would give the numbers of a bound of 3/4 x 2^64 two values for one, every third time.
  @Test func belowRejectsWhatWouldBias() {
    let bound: UInt64 = 3 << 62
    var generator = RandomGenerator(seed: 5)
    var counts = [0, 0, 0]
    for _ in 0..<30_000 { counts[Int(generator.below(bound) % 3)] += 1 }
    for count in counts { #expect((9_600...10_400).contains(count)) }
  }

  @Test func belowStaysBelow() {
    var generator = RandomGenerator(seed: 9)
    for bound in [1, 2, 3, 900_000, UInt64.max] as [UInt64] {
      for _ in 0..<1000 { #expect(generator.below(bound) < bound) }
    }
  }
}
