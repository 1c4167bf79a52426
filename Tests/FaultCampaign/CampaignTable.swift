import Experiment
import TextTable

/// Rounds by fault and phase.
enum CampaignTable {
  private struct Row {
    let fault: String
    let cells: [String]
  }

  static func text(_ results: [RoundResult]) -> String {
    let phases: [Phase] = [.prepare, .settle, .populate, .rewrite, .pin, .inject, .failover, .teardown]
    func cell(_ results: [RoundResult]) -> String {
      let bad = results.count { !$0.problems.isEmpty || !$0.leftovers.isEmpty }
      return results.isEmpty ? "" : bad == 0 ? "\(results.count)" : "\(results.count), \(bad) BAD"
    }
    var rows = Fault.allCases.map { fault in
      let own = results.filter { $0.round.fault == fault }
      return Row(
        fault: fault.rawValue,
        cells: phases.map { phase in cell(own.filter { $0.round.phase == phase }) } + [
          cell(own), "\(own.count { !$0.struckInTime })",
        ])
    }
    rows.append(
      Row(
        fault: "all",
        cells: phases.map { phase in cell(results.filter { $0.round.phase == phase }) }
          + [cell(results), "\(results.count { !$0.struckInTime })"]))
    let heads = phases.map(\.rawValue) + ["all", "too late"]
    let table = TextTable<Row> { row in
      [Column(title: "fault", value: row.fault)]
        + heads.indices.map { Column(title: heads[$0], value: row.cells[$0], align: .right) }
    }
    return table.string(for: rows, style: Style.psql) ?? ""
  }
}
