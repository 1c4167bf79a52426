import Experiment
import Foundation
@testable import RecordFiles
@testable import Sweeps

enum FileTargets {
  static func scenario(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    do {
      let scenario = try ScenarioFile.parse(text, fileName: "fuzz.yaml")
      promise((1...4096).contains(scenario.fileSystems), "\(scenario.fileSystems) file systems")
      promise((1...4096).contains(scenario.writeBytes), "writes of \(scenario.writeBytes) bytes")
    } catch { promiseOneLine(error) }
    do { _ = try SweepFile.parse(text, fileName: "fuzz.yaml") } catch { promiseOneLine(error) }
  }

  static func record(_ bytes: [UInt8]) {
    do {
      let record = try RunDirectoryReader.record(bytes, path: "run.json")
      // What was taken as possible must be written and read back the same.
      let again = try RunDirectoryReader.record(Array(PrettyJSON.text(record).utf8), path: "run.json")
      promise(again == record, "the record has changed by writing it")
    } catch { promiseOneLine(error) }
  }

  static func observations(_ bytes: [UInt8]) {
    do {
      let (observations, _) = try RunDirectoryReader.observations(bytes, path: "observations.ndjson", fileSystems: 128)
      promise(observations.count <= 129, "more observations than mounts")
    } catch { promiseOneLine(error) }
    let text = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    do {
      let event = try EventCoding.event(text)
      let again = try EventCoding.event(EventCoding.line(event))
      promise(again == event, "the event has changed on its way")
    } catch { promiseOneLine(error) }
  }

  static func csv(_ bytes: [UInt8]) {
    do { _ = try RunDirectoryReader.modelTable(bytes, path: "model.csv", fileSystems: 128) } catch {
      promiseOneLine(error)
    }
  }

  static func plan(_ bytes: [UInt8]) {
    do {
      let plan = try SweepFolder.planFormat.value(bytes, path: "plan.json")
      // What is done with a plan that has no flaw.
      for point in plan.points {
        promise(plan.settings.indices.contains(point.setting), "point \(point.number) has no setting")
      }
    } catch { promiseOneLine(error) }
  }

  static func profile(_ bytes: [UInt8]) {
    do {
      let profile = try ProfileFile.profile(bytes, path: "profile.json")
      _ = try PrettyJSON.text(profile)
    } catch { promiseOneLine(error) }
  }
}
