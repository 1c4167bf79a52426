import TestSupport

/// The texts in fixtures/proc.
enum Fixture {
  static func text(_ kernel: String, _ file: String) throws -> String {
    try Checkout.text("fixtures/proc/\(kernel)/\(file)")
  }
}
