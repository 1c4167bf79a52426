/// Times in names of results: UTC, ISO 8601 in its basic form, which sorts as text and needs no quoting in a shell.
enum UTCTime {
  /// `20051103T101500Z`.
  static func basicText(unixNanoseconds: UInt64) -> String {
    let seconds = unixNanoseconds / 1_000_000_000
    let (year, month, day) = civil(daysSinceEpoch: seconds / 86_400)
    let time = seconds % 86_400
    func two(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(year)\(two(month))\(two(day))T\(two(time / 3600))\(two(time / 60 % 60))\(two(time % 60))Z"
  }

  /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days; years are counted from 1 March, so that the
  /// leap day is the last.
  private static func civil(daysSinceEpoch days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
