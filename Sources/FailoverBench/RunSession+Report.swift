import LinuxSystem
import RecordFiles

extension RunSession {
  /// Makes report.html of what was written. The run is over and the host is back: what goes wrong here is a remark, and changes no exit code.
  func writeReport() {
    do throws(RecordFileError) {
      let run = try RunDirectoryReader.read(path)
      let (_, advice) = try ReportWriter.write([run], into: try ResultsFolder.open(path, owner: FileOwner.behindSudo))
      if let advice { StandardError.write("failover-bench: \(advice)\n") }
    } catch {
      StandardError.write("failover-bench: the report could not be made: \(error)\n")
    }
  }
}
