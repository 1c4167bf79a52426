/// A self-contained page: no script, nothing loaded from anywhere.
enum Page {
  /// - Parameters:
  ///   - advice: why there are no charts; nil where there are.
  ///   - body: markup.
  static func html(title: String, advice: String?, _ body: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>failover-bench: \(Markup.escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <main>
    \(advice.map { "<p class=advice>\(Markup.escaped($0))</p>\n" } ?? "")\(body)</main>
    </body>
    </html>

    """
  }

  /// Those that were drawn.
  static func charts(_ figures: [(figure: Figure, svg: String?)], suffix: String = "") -> String {
    let drawn = figures.filter { $0.svg != nil }
    guard !drawn.isEmpty else { return "" }
    return "<h2>Charts</h2>\n<div class=charts>\n"
      + drawn.map { figure, svg in
        "<figure id=\"\(figure.name)\(suffix)\">\n<h3>\(Markup.escaped(figure.title))</h3>\n\(FigureSVG.inline(svg ?? ""))\n"
          + "<figcaption>\(Markup.escaped(figure.caption))</figcaption>\n</figure>\n"
      }.joined() + "</div>\n"
  }

  /// What is folded away.
  static func details(_ title: String, _ body: String) -> String {
    body.isEmpty ? "" : "<details>\n<summary>\(Markup.escaped(title))</summary>\n\(body)</details>\n"
  }

  private static let style = """
    :root { --ground: #ffffff; --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --card: #f6f8fa; --accent: #0072b2; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #0f1419; --ink: #e6e9ec; --soft: #9aa5b1; --line: #2d353d; --card: #171d24; --accent: #58a6dc; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
    main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
    h1 { font-size: 1.6rem; margin: 1rem 0 .25rem; }
    h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 0 0 .5rem; }
    a { color: var(--accent); }
    li { overflow-wrap: anywhere; }
    .outcome { font-size: 1.15rem; border-left: .3rem solid var(--accent); padding: .4rem .8rem; background: var(--card); }
    .advice { border: 1px solid var(--line); padding: .5rem .8rem; background: var(--card); }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem; }
    figure { margin: 0; padding: .8rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card); min-width: 0; break-inside: avoid; }
    figure svg { display: block; width: 100%; height: auto; color: var(--ink); }
    figcaption { color: var(--soft); font-size: .88rem; margin-top: .4rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; }
    th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .fields th { font-weight: 500; color: var(--soft); white-space: nowrap; }
    .fields th.part { padding-left: 1rem; }
    .fields td { overflow-wrap: anywhere; }
    details { border-top: 1px solid var(--line); padding: .5rem 0; margin-top: .5rem; }
    summary { cursor: pointer; font-weight: 600; }
    @media (max-width: 480px) { .fields th { white-space: normal; } body { font-size: 15px; } }
    @media (prefers-color-scheme: dark) { figure svg [stroke="rgb(  0, 114, 178)"] { stroke: #4aa3df; } figure svg [stroke="rgb(213,  94,   0)"] { stroke: #f08a4b; } }
    @media print { details::details-content { content-visibility: visible; height: auto; } main { max-width: none; } }
    """
}
