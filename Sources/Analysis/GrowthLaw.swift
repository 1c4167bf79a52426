/// By which law a cumulative curve grows behind a mount: linear (T = a + b m), quadratic, or exponential (ln T = a + b m).
///
/// Least squares each, compared by Akaike's information criterion with the correction for small samples (Burnham and Anderson
/// 2002): n ln(RSS / n) + 2 k + 2 k (k + 1) / (n - k - 1), k parameters with the variance. The exponential law is fitted to the
/// logarithms; twice the sum of these puts its likelihood on the scale of the others (the Jacobian of the transformation).
public struct GrowthLaw: Equatable, Sendable {
  public let linearAIC: Double
  public let quadraticAIC: Double
  public let exponentialAIC: Double

  /// By how much the exponential law is better than the better one of the other two; below 0 it is worse.
  public var exponentialMargin: Double { min(linearAIC, quadraticAIC) - exponentialAIC }

  static let leastMounts = 6

  /// nil with fewer than 6 mounts behind `mount`, or where a time is not positive.
  public init?(of curve: MountCurve, after mount: Int) {
    guard mount >= 0, curve.count - mount >= Self.leastMounts else { return nil }
    let times = Array(curve.cumulativeSeconds[mount...])
    guard times.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let logarithms = times.map(Logarithm.natural)
    linearAIC = Self.criterion(Self.residual(times, degree: 1), times.count, parameters: 3)
    quadraticAIC = Self.criterion(Self.residual(times, degree: 2), times.count, parameters: 4)
    exponentialAIC =
      Self.criterion(Self.residual(logarithms, degree: 1), times.count, parameters: 3) + 2 * logarithms.reduce(0, +)
  }

  private static func criterion(_ residual: Double, _ count: Int, parameters: Double) -> Double {
    let n = Double(count)
    // A perfect fit has no logarithm; rounding leaves about so much.
    return n * Logarithm.natural(max(residual / n, 1e-24)) + 2 * parameters
      + 2 * parameters * (parameters + 1) / (n - parameters - 1)
  }

  /// Sum of the squares that a polynomial through `values` at 0, 1, 2 … leaves. The powers are made orthogonal one by one (Gram and
  /// Schmidt), which needs no equations solved.
  private static func residual(_ values: [Double], degree: Int) -> Double {
    var left = values
    var basis: [[Double]] = []
    let middle = Double(values.count - 1) / 2
    for power in 0...degree {
      var next = values.indices.map { index in (0..<power).reduce(1.0) { product, _ in product * (Double(index) - middle) } }
      for vector in basis { subtract(vector, from: &next) }
      subtract(next, from: &left)
      basis.append(next)
    }
    return left.reduce(0) { $0 + $1 * $1 }
  }

  /// Takes out of `values` what lies along `vector`.
  private static func subtract(_ vector: [Double], from values: inout [Double]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }
    let along = zip(vector, values).reduce(0) { $0 + $1.0 * $1.1 } / length
    for index in values.indices { values[index] -= along * vector[index] }
  }
}
