extension String {
  /// The text with some of its scalars written as a language wants them.
  ///
  /// By scalars, not characters: with a mark that combines, a quote is another character and still a quote.
  public func escaped(_ table: [Unicode.Scalar: String]) -> String {
    var escaped = ""
    for scalar in unicodeScalars {
      if let replacement = table[scalar] { escaped += replacement } else { escaped.unicodeScalars.append(scalar) }
    }
    return escaped
  }
}
