/// Integrals of smooth functions.
enum Integral {
  /// By Simpson's rule with an even number of steps.
  static func simpson(from start: Double, to end: Double, steps: Int, _ function: (Double) -> Double) -> Double {
    let width = (end - start) / Double(steps)
    var sum = function(start) + function(end)
    for step in 1..<steps { sum += function(start + width * Double(step)) * (step % 2 == 0 ? 2 : 4) }
    return sum * width / 3
  }
}
