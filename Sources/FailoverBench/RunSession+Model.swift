import Analysis
import Experiment
import MemoryModel
import Report

extension RunSession {
  /// Plays the scenario on a model of this machine, and writes its series beside the measured one: `model.csv`, with the columns of
  /// `mounts.csv`. Done after the run, for it takes memory and a processor.
  func playModel(_ scheme: Scheme) {
    let model = ModelBesideRun(record: record, observations: observations, pageTypes: settledPageTypes)
    do throws(ScenarioError) {
      guard let (run, comparison) = try model.play(scheme) else { return }
      if let failure = run.failure { return warn("the model could not run this scenario: \(failure)") }
      write(
        text: MountsCSV.text(run.mounts, run.observations, watermarks: run.start?.watermarks ?? []), named: "model.csv")
      self.comparison = comparison
    } catch {
      warn("the model cannot run this scenario: \(error)")
    }
  }
}
