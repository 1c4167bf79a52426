import Experiment

/// Orders of treatments in which each stands as often in every place, and follows every other one as often: Williams, "Experimental Designs Balanced
/// for the Estimation of Residual Effects of Treatments", Australian Journal of Scientific Research A 2 (1949).
enum WilliamsSquare {
  /// All rows in random order, with the treatments drawn anew: as many as there are of them, and for an odd number twice as many.
  static func rows(_ treatments: Int, random: inout RandomGenerator) -> [[Int]] {
    guard treatments > 1 else { return [[0]] }
    // 0, n - 1, 1, n - 2, ... has each step from one to another once.
    let zigzag = (0..<treatments).map { $0.isMultiple(of: 2) ? $0 / 2 : treatments - ($0 + 1) / 2 }
    let names = (0..<treatments).shuffled(using: &random)
    var rows = (0..<treatments).map { shift in zigzag.map { names[($0 + shift) % treatments] } }
    if !treatments.isMultiple(of: 2) { rows += rows.map { $0.reversed() } }
    return rows.shuffled(using: &random)
  }
}
