/// Several tests at once: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6
/// (1979). Whatever the tests have to do with each other, the chance of any false alarm stays below the level.
public enum Holm {
  /// The p-values adjusted, in the order given: of k tests the smallest is multiplied by k, the next by k - 1, and so on, none
  /// becomes smaller than the one before it, and none larger than 1.
  public static func adjusted(_ p: [Double]) -> [Double] {
    var result = p
    var floor = 0.0
    let order = p.indices.sorted { p[$0] < p[$1] }
    for (place, index) in order.enumerated() {
      floor = max(floor, min(1, p[index] * Double(p.count - place)))
      result[index] = floor
    }
    return result
  }
}
