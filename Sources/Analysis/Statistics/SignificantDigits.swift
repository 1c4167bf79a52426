/// Numbers in sentences: nobody reads more digits than a few.
enum SignificantDigits {
  /// The value to that many digits, whole numbers without a decimal point and in full.
  static func text(_ value: Double, digits: Int = 4) -> String {
    var (scale, size) = (1.0, abs(value))
    let least = (1..<digits).reduce(1.0) { power, _ in power * 10 }
    while size < least && scale < 1e9 { (scale, size) = (scale * 10, size * 10) }
    let rounded = value == value.rounded() ? value : (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
