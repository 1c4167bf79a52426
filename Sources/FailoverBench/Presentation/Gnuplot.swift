import LinuxSystem
import Report
import SystemPackage

/// The program that draws the charts.
enum Gnuplot {
  enum Answer {
    case drawn(String)
    /// Why there is no chart, and what to do.
    case failed(String)
  }

  /// A chart of a few hundred points takes some 50 ms.
  private static let timeoutNanoseconds: UInt64 = 60_000_000_000

  /// Runs the script of `figure` in a directory of its own, where nobody else can put another script, or a link in place of what gnuplot
  /// writes: a script can start programs, and the directory of the results may be anybody's.
  ///
  /// - Parameter data: the files that the script reads, by name.
  static func draw(_ figure: Figure, data: [String: String]) -> Answer {
    do throws(SystemError) {
      let place = try PrivateDirectory("failover-bench-figure-")
      for (name, text) in data { try place.write(text, named: name) }
      try place.write(figure.script, named: "\(figure.name).gp")
      let output = try attempt("open", "/dev/null") { () throws(Errno) in
        try Descriptor(opening: "/dev/null", .writeOnly)
      }
      let child = try ChildProcess(
        spawning: "gnuplot", ["-d", "\(figure.name).gp"], output: output.rawValue, directory: place.path)
      // One that is dropped is killed.
      guard child.hasEnded(withinNanoseconds: timeoutNanoseconds) else {
        return .failed("gnuplot did not finish: the report has every table, but no charts")
      }
      let ending = child.wait()
      guard ending.isSuccess else {
        return .failed("gnuplot \(ending) at figures/\(figure.name).gp: the report has every table, but not this chart")
      }
      return .drawn(try KernelFile.read("\(place.path)/\(figure.name).svg"))
    } catch {
      return .failed(
        "the charts were not drawn (\(error)): install gnuplot (Debian: gnuplot-nox) and make the report again; it has every table, but no charts"
      )
    }
  }
}
