extension ModelFigures {
  /// What has to be found in the curves. Nothing in here knows where the paper found it.
  mutating func detect(in series: ModelSeries) {
    let curve = MountCurve(durationsSeconds: series.completed.map(\.seconds))
    let thresholds = Thresholds(of: curve)
    firstThreshold = thresholds.first
    secondThreshold = thresholds.second
    steps = Steps(of: curve).steps.map(\.mount)
    if let first = thresholds.first {
      slopeBetweenThresholds = Slope.secondsPerMount(curve, after: first + 1, through: thresholds.second ?? curve.count)
    }
    slopeAfterSteps = Slope.secondsPerMount(curve, after: steps.last ?? 0, through: curve.count)
    if let second = thresholds.second {
      exponentialMargin = GrowthLaw(of: curve, after: second)?.exponentialMargin
      dataCacheAtSecondThresholdMiB = series.dataCacheMiB(atMount: second)
    }
    let cache = [series.dataCacheBeforeMiB] + series.completed.map(\.dataCacheMiB)
    if !cache.contains(where: { $0 == nil }) { levelOffMount = LevelOff.mount(cache.compactMap { $0 }) }
    if let profile = PromotionProfile(series.completed.map(\.promotion)) {
      promotionPeakMount = profile.peakMount
      lastPromotionToPeak = profile.lastToHighest
    }
  }
}
