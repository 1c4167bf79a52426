/// Names one run: in paths, in the journal, in the sentinels.
public enum RunID {
  /// Twelve hexadecimal digits from the system's generator: unlike all else in a run they must differ from run to run.
  public static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = String(generator.next() as UInt64, radix: 16)
    return String((String(repeating: "0", count: 16) + digits).suffix(12))
  }
}
