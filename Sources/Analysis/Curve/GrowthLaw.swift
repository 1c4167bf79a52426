/// The law by which a cumulative curve grows after a mount: linear (T = a + b m), quadratic, or exponential (T = c + a q^m, each mount
/// taking q times as long as the one before).
///
/// Least squares each, compared by Akaike's information criterion with the correction for small samples (Burnham and Anderson
/// 2002): n ln(RSS / n) + 2 k + 2 k (k + 1) / (n - k - 1), k parameters with the variance. The exponential law has a constant of its
/// own: the curve begins at what all mounts before took, and without the constant (a straight line through ln T) truly exponential
/// durations after a long start are taken for a parabola. The errors of a cumulative curve are not independent, so that a difference of 10 says
/// less than it otherwise would.
public struct GrowthLaw: Equatable, Sendable {
  /// Akaike's criterion of the straight line; the lower, the better.
  public let linearAIC: Double
  /// Of the parabola.
  public let quadraticAIC: Double
  /// Of the exponential law.
  public let exponentialAIC: Double
  /// q of the exponential law.
  public let growthFactor: Double

  /// By how much the exponential law is better than the better of the other two; below 0 it is worse.
  public var exponentialMargin: Double { min(linearAIC, quadraticAIC) - exponentialAIC }

  static let leastMounts = 6
  /// Below it, an exponential curve over a hundred mounts differs from a straight line by less than a tenth.
  static let leastFactor = 1.001
  static let largestFactor = 4.0

  /// nil with fewer than 6 mounts after `mount`, or where a time is not finite.
  public init?(of curve: MountCurve, after mount: Int) {
    guard mount >= 0, curve.count - mount >= Self.leastMounts else { return nil }
    let times = Array(curve.cumulativeSeconds[mount...])
    guard times.allSatisfy(\.isFinite) else { return nil }
    let constant = [Double](repeating: 1, count: times.count)
    let middle = Double(times.count - 1) / 2
    let line = times.indices.map { Double($0) - middle }
    linearAIC = Self.criterion(Self.residual(times, [constant, line]), times.count, parameters: 3)
    quadraticAIC = Self.criterion(
      Self.residual(times, [constant, line, line.map { $0 * $0 }]), times.count, parameters: 4)
    (growthFactor, exponentialAIC) = Self.exponential(times, constant)
  }

  /// The factor with the least residual: the best of a row of them, then a golden section between its neighbours.
  private static func exponential(_ times: [Double], _ constant: [Double]) -> (factor: Double, criterion: Double) {
    func residual(_ factor: Double) -> Double {
      // Scaled so that the last is 1: the fit does not depend on the scale.
      var power = 1.0
      var powers = [Double](repeating: 1, count: times.count)
      for index in times.indices.reversed() {
        powers[index] = power
        power /= factor
      }
      return Self.residual(times, [constant, powers])
    }
    let steps = 160
    // The excess over 1 grows geometrically, up to the largest factor.
    var excess = leastFactor - 1
    var tried: [(excess: Double, residual: Double)] = []
    for _ in 0...steps {
      tried.append((excess, residual(1 + excess)))
      excess *= 1.0514
    }
    tried = tried.filter { 1 + $0.excess <= largestFactor }
    let best = tried.indices.min { tried[$0].residual < tried[$1].residual } ?? 0
    var low = tried[max(0, best - 1)].excess
    var high = tried[min(tried.count - 1, best + 1)].excess
    let golden = 0.6180339887498949
    for _ in 0..<40 {
      let first = high - golden * (high - low)
      let second = low + golden * (high - low)
      if residual(1 + first) <= residual(1 + second) { high = second } else { low = first }
    }
    let factor = 1 + (low + high) / 2
    return (factor, criterion(residual(factor), times.count, parameters: 4))
  }

  private static func criterion(_ residual: Double, _ count: Int, parameters: Double) -> Double {
    let n = Double(count)
    // The error of a perfect fit has no logarithm; rounding leaves about this much.
    return n * Logarithm.natural(max(residual / n, 1e-24)) + 2 * parameters
      + 2 * parameters * (parameters + 1) / (n - parameters - 1)
  }

  /// Sum of the squares that is left of `values` when all that lies along `vectors` is taken out. These are made orthogonal one by
  /// one (Gram and Schmidt), which needs no equations solved.
  private static func residual(_ values: [Double], _ vectors: [[Double]]) -> Double {
    var left = values
    var basis: [[Double]] = []
    for vector in vectors {
      var next = vector
      for earlier in basis { subtract(earlier, from: &next) }
      subtract(next, from: &left)
      basis.append(next)
    }
    return left.reduce(0) { $0 + $1 * $1 }
  }

  /// Takes out of `values` what lies along `vector`.
  private static func subtract(_ vector: [Double], from values: inout [Double]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }
    // What lies along the earlier ones adds nothing.
    guard length > 1e-18 else { return }
    let along = zip(vector, values).reduce(0) { $0 + $1.0 * $1.1 } / length
    for index in values.indices { values[index] -= along * vector[index] }
  }
}
