/// When the runs of a sweep are looked at, as its plan says: after these rounds and after no others.
///
/// Each look has a part of the level to itself, by the spending function of Lan and DeMets ("Discrete Sequential Boundaries for Clinical Trials",
/// Biometrika 70, 1983) that is like Pocock's bounds: level x ln(1 + (e - 1) t) up to the share t of the rounds, and what was spent before
/// taken off. The parts add up to no more than the level, so that whatever the figures do between the looks, a false alarm at any of them is no likelier than with one.
public struct LookSchedule: Equatable, Sendable, Codable {
  /// Rounds, ascending; the last is the end of the sweep.
  public let rounds: [Int]

  /// nil for none, and for rounds that do not ascend from 1.
  public init?(_ rounds: [Int]) {
    guard let first = rounds.first, first >= 1, zip(rounds, rounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return nil
    }
    self.rounds = rounds
  }

  /// One look, at the end.
  public init(endingAfter rounds: Int) { self.rounds = [max(1, rounds)] }

  public var last: Int { rounds.last ?? 1 }

  /// What p is held against after so many rounds; nil where no look is planned.
  ///
  /// A look at which so few rounds could show nothing spends nothing: its part is left to the later ones.
  ///
  /// - Parameter family: settings that are held against the base; p is multiplied by it.
  public func level(after done: Int, of level: Double = VerdictRules.level, family: Int) -> Double? {
    guard rounds.contains(done) else { return nil }
    var spent = 0.0
    for look in rounds {
      let part = target(look, level) - spent
      let isUseful = Self.canShow(look, level: part, family: family)
      if look == done { return isUseful ? part : 0 }
      if isUseful { spent += part }
    }
    return nil
  }

  /// Whether any verdict of better or worse is possible at its last look.
  public func canShow(family: Int) -> Bool { (level(after: last, family: family) ?? 0) > 0 }

  private static func canShow(_ rounds: Int, level: Double, family: Int) -> Bool {
    PairedTest.leastP(pairs: rounds) * Double(max(1, family)) < level
  }

  /// What may be spent up to a look.
  private func target(_ rounds: Int, _ level: Double) -> Double {
    guard rounds < last else { return level }
    let e = Exponential.natural(1)
    return level * Logarithm.natural(1 + (e - 1) * Double(rounds) / Double(last))
  }
}
