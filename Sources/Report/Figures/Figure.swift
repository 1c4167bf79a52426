/// One chart, as a gnuplot script, so that anyone with the directory can draw it again.
public struct Figure: Equatable, Sendable {
  /// Name of its files: `cumulative` is drawn by `cumulative.gp` into `cumulative.svg`.
  public let name: String
  /// For its heading.
  public let title: String
  /// What it shows, and how to read it.
  public let caption: String
  /// Reads the data files beside it.
  public let script: String

  /// - Parameter plot: what its script has besides what all have in common.
  init(_ name: String, title: String, caption: String, plot: String) {
    (self.name, self.title, self.caption) = (name, title, caption)
    script = """
      # gnuplot \(name).gp makes \(name).svg
      set terminal svg size 600,360 dynamic font 'sans-serif,14' name '\(name.replacing("-", with: "_"))'
      set output '\(name).svg'
      set datafile separator comma
      set datafile columnheaders
      set datafile missing ''
      set border 3 lw 0.6
      set tics nomirror
      set grid lw 0.4 dt 3
      set linetype 1 lc rgb '\(FigurePalette.blue)' lw 2
      set linetype 2 lc rgb '\(FigurePalette.vermilion)' lw 2 dt 2
      set linetype 3 lc rgb '\(FigurePalette.green)' lw 2
      set linetype 4 lc rgb '\(FigurePalette.grey)' lw 1
      set xlabel 'mount'
      \(plot)

      """
  }
}

/// Adapts gnuplot's SVG to a page of any colours.
public enum FigureSVG {
  /// Without what precedes the `svg` tag, and drawn in the page's colour where gnuplot wrote black.
  public static func inline(_ svg: String) -> String {
    guard let start = svg.firstRange(of: "<svg") else { return "" }
    var text = String(svg[start.lowerBound...])
    for (from, to) in [
      ("fill=\"black\"", "fill=\"currentColor\""), ("color=\"black\"", "color=\"inherit\""),
      ("stroke=\"black\"", "stroke=\"currentColor\""),
      ("stroke='black'", "stroke='currentColor'"), ("color='black'", "color='inherit'"), ("<title>Gnuplot</title>", ""),
    ] { text.replace(from, with: to) }
    return text
  }
}
