import Analysis
import Testing

@Suite struct QuantileTests {
  struct Case: Sendable {
    let values: [Double]
    let quantiles: [Double]
  }

  /// numpy.quantile (NumPy 2.4.6) at the fractions below, with its default method.
  static let fractions = [0, 0.25, 0.4, 0.5, 0.99, 1]
  static let recorded = [
    Case(values: [4, 1, 3, 2], quantiles: [1, 1.75, 2.2, 2.5, 3.97, 4]),
    Case(values: [15, 20, 35, 40, 50], quantiles: [15, 20, 29, 35, 49.6, 50]),
    Case(
      values: [3.7, -1.2, 8.25, 0, 1e6, 2.5, 7.125],
      quantiles: [-1.2, 1.25, 2.98, 3.7, 940000.495, 1_000_000]),
    Case(values: [7], quantiles: [7, 7, 7, 7, 7, 7]),
  ]

  @Test(arguments: recorded)
  func agreesWithNumPy(recorded: Case) throws {
    for (fraction, expected) in zip(Self.fractions, recorded.quantiles) {
      let value = try #require(Quantile.linear(of: recorded.values, at: fraction))
      #expect(abs(value - expected) <= 1e-9 * max(1, abs(expected)), "at \(fraction): \(value), not \(expected)")
    }
  }

  @Test func nothingToTell() {
    #expect(Quantile.linear(of: [], at: 0.5) == nil)
    #expect(Quantile.linear(of: [1], at: -0.1) == nil)
    #expect(Quantile.linear(of: [1], at: 1.1) == nil)
    #expect(Quantile.linear(of: [1], at: .nan) == nil)
    #expect(Quantile.linear(of: [1, .nan], at: 0.5) == nil)
  }

  @Test func anInfinityTouchesOnlyItsNeighbours() {
    #expect(Quantile.linear(of: [1, 2, 3, .infinity], at: 0) == 1)
    #expect(Quantile.linear(of: [1, 2, .infinity], at: 0.5) == 2)
    #expect(Quantile.linear(of: [1, 2, .infinity], at: 1) == .infinity)
  }
}
