/// The colours of all charts, after Okabe and Ito: most colour-blind readers can tell them apart.
public enum FigurePalette {
  static let blue = "#0072b2"
  static let vermilion = "#d55e00"
  static let green = "#009e73"
  static let purple = "#cc79a7"
  static let sky = "#56b4e9"
  static let orange = "#e69f00"
  /// Marks and what is written beside them.
  public static let grey = "#888888"

  private static let curves = [blue, vermilion, green, purple, sky, orange]

  /// The colour of a picture's curve, counted from 0; after the sixth they start over.
  public static func curve(_ index: Int) -> String { curves[index % curves.count] }
}
