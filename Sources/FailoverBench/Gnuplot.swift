import LinuxSystem
import Report

/// The program that draws the charts.
enum Gnuplot {
  enum Answer {
    case drawn(String)
    /// Why there is no chart, and what to do.
    case failed(String)
  }

  /// A chart of a few hundred points takes some 50 ms.
  private static let patienceNanoseconds: UInt64 = 60_000_000_000

  /// Runs the script of `figure`, which lies in `directory` with its data.
  static func draw(_ figure: Figure, in directory: String) -> Answer {
    do throws(SystemError) {
      let output = try OwnedDescriptor(opening: "/dev/null", 1)
      let child = try ChildProcess(spawning: "gnuplot", ["-d", "\(figure.name).gp"], output: output.rawValue, directory: directory)
      // One that is dropped is killed.
      guard child.hasEnded(withinNanoseconds: patienceNanoseconds) else { return .failed("gnuplot does not end: the report has no charts, and every table") }
      let ending = child.wait()
      guard ending.isSuccess else { return .failed("gnuplot \(ending) at figures/\(figure.name).gp: the report has no such chart, and every table") }
      return .drawn(try KernelFile.read("\(directory)/\(figure.name).svg"))
    } catch {
      return .failed("the charts were not drawn (\(error)): install gnuplot (Debian: gnuplot-nox) and make the report again; it has every table")
    }
  }
}
