import Analysis
import Foundation
import Report

/// What pins pages, held against the module of the paper's authors: the table and the verdicts of
/// `scripts/lab-backends`.
struct BackendComparison {
  /// The backend that the others are held against.
  static let reference = "snapmeta"
  /// All of them, in the order of the table.
  static let backends = ["pipe", reference, "dm-snapshot"]
  /// How far a backend may lie from the reference, as agreed before anything was measured.
  static let toleratedPageBlocks = 0.05
  static let toleratedIndex = 0.02

  /// How much was pinned, and in what memory.
  struct Situation: Hashable {
    let pages: UInt64
    /// Filled with files before, which must be reclaimed: what is taken then is given back at the same time, and the
    /// free lists do not tell it.
    let isFilled: Bool

    var title: String { HumanNumber.grouped(pages) + " pages" + (isFilled ? " in full memory" : "") }
  }

  /// All rounds of one backend in one situation.
  struct Rounds {
    let backend: String
    let situation: Situation
    var pinnings: [Pinning]

    /// The values of all rounds: the median, and how far they lie apart.
    func spread(_ value: (Pinning) -> Double?) -> Spread? { Spread(of: pinnings.compactMap(value)) }
  }

  struct Spread {
    let median: Double
    let least: Double
    let most: Double

    init?(of values: [Double]) {
      guard let median = Quantile.linear(of: values, at: 0.5), let least = values.min(), let most = values.max() else {
        return nil
      }
      (self.median, self.least, self.most) = (median, least, most)
    }

    func text(decimals: Int) -> String {
      String(format: "%.\(decimals)f (%.\(decimals)f to %.\(decimals)f)", median, least, most)
    }
  }

  /// Whether a backend may stand in for the reference.
  struct Verdict: Equatable {
    let backend: String
    let situation: Situation
    let rounds: Int
    /// More page blocks became unmovable than by the reference: a share of the reference's.
    let pageBlocks: Double
    /// The same for each page that was taken, for what a backend takes beside what it was told to pin makes blocks
    /// unmovable, too. nil in full memory.
    let pageBlocksPerPageTaken: Double?
    /// The unusable free space index afterwards, less the reference's.
    let index: Double

    var isWithinTolerance: Bool {
      abs(pageBlocks) <= BackendComparison.toleratedPageBlocks && abs(index) <= BackendComparison.toleratedIndex
    }

    var text: String {
      let each = pageBlocksPerPageTaken.map { String(format: " (%+.1f %% for each page taken)", 100 * $0) } ?? ""
      return "\(backend) against \(BackendComparison.reference), \(situation.title), medians of \(rounds) rounds: "
        + String(format: "unmovable pageblocks %+.1f %%%@, index %+.4f: ", 100 * pageBlocks, each, index)
        + (isWithinTolerance ? "within the tolerance." : "NOT within the tolerance.")
    }
  }

  /// Those with pinnings, in the order of the table.
  let rounds: [Rounds]

  /// - Parameter pinnings: by name, `BACKEND-fresh|filled-PAGES-ROUND`.
  /// - Throws: ``MeasurementError`` for another name.
  init(_ pinnings: [String: Pinning]) throws {
    var rounds: [Rounds] = []
    for (name, pinning) in pinnings.sorted(by: { $0.key < $1.key }) {
      guard let match = name.wholeMatch(of: /(.+)-(fresh|filled)-([0-9]+)-([0-9]+)/),
        let pages = UInt64(match.output.3),
        Self.backends.contains(String(match.output.1))
      else {
        throw MeasurementError(
          "'\(name)' is no name of a pinning: expected (\(Self.backends.joined(separator: "|")))-(fresh|filled)-PAGES-ROUND"
        )
      }
      let situation = Situation(pages: pages, isFilled: match.output.2 == "filled")
      if let index = rounds.firstIndex(where: { $0.backend == match.output.1 && $0.situation == situation }) {
        rounds[index].pinnings.append(pinning)
      } else {
        rounds.append(Rounds(backend: String(match.output.1), situation: situation, pinnings: [pinning]))
      }
    }
    func place(_ rounds: Rounds) -> (Int, UInt64, Int) {
      (rounds.situation.isFilled ? 1 : 0, rounds.situation.pages, Self.backends.firstIndex(of: rounds.backend) ?? 0)
    }
    self.rounds = rounds.sorted { place($0) < place($1) }
  }

  /// Each backend against the reference in the same situation; none where the reference was not measured or has made no
  /// block unmovable.
  var verdicts: [Verdict] {
    rounds.compactMap { own in
      guard own.backend != Self.reference,
        let other = rounds.first(where: { $0.backend == Self.reference && $0.situation == own.situation }),
        let ownBlocks = own.spread(\.addedUnmovablePageBlocks)?.median, let ownTaken = own.spread(\.takenPages)?.median,
        let ownIndex = own.spread(\.after.unusableIndex)?.median,
        let otherBlocks = other.spread(\.addedUnmovablePageBlocks)?.median,
        let otherTaken = other.spread(\.takenPages)?.median,
        let otherIndex = other.spread(\.after.unusableIndex)?.median, otherBlocks != 0
      else { return nil }
      let more = (ownBlocks - otherBlocks) / otherBlocks
      return Verdict(
        backend: own.backend, situation: own.situation, rounds: own.pinnings.count, pageBlocks: more,
        pageBlocksPerPageTaken: own.situation.isFilled ? nil : (1 + more) * otherTaken / ownTaken - 1,
        index: ownIndex - otherIndex)
    }
  }

  /// The table, the verdicts, and what a snapshot pins of what is written to its origin: Markdown.
  var text: String {
    var lines = [
      "| pinned by | pages taken from the free lists | unmovable pageblocks added | unusable free space index at order 4, before | after | pages of unreclaimable slab added |",
      "|---|---|---|---|---|---|",
    ]
    for own in rounds {
      let cells = [
        "\(own.backend), \(own.situation.title)",
        own.situation.isFilled ? "-" : own.spread(\.takenPages)?.text(decimals: 0),
        own.spread(\.addedUnmovablePageBlocks)?.text(decimals: 0),
        own.spread(\.before.unusableIndex)?.text(decimals: 4),
        own.spread(\.after.unusableIndex)?.text(decimals: 4), own.spread(\.addedSlabPages)?.text(decimals: 0),
      ]
      lines.append("| " + cells.map { $0 ?? "-" }.joined(separator: " | ") + " |")
    }
    lines.append("")
    lines += verdicts.map(\.text)
    for own in rounds {
      guard let rate = own.spread(\.pagesPerMebibyteWritten) else { continue }
      lines.append("\(own.backend): \(rate.text(decimals: 2)) pages for each MiB written to the origin.")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
