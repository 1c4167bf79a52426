import Experiment
import Histogram

/// Latencies of file operations, in an HDR histogram whose memory is taken at once.
struct LatencyRecorder: ~Copyable {
  /// One minute is far above any operation that is not a stopped machine; what is longer counts as that.
  private static let longestNanoseconds: UInt64 = 60_000_000_000

  private var histogram = Histogram<UInt64>(
    highestTrackableValue: longestNanoseconds, numberOfSignificantValueDigits: .three)

  mutating func record(_ nanoseconds: UInt64) { histogram.record(min(nanoseconds, Self.longestNanoseconds)) }

  var latency: LatencyHistogram {
    var buckets: [LatencyHistogram.Bucket] = []
    for value in histogram.recordedValues() {
      buckets.append(LatencyHistogram.Bucket(nanoseconds: value.value, count: value.count))
    }
    return LatencyHistogram(buckets: buckets)
  }
}
