import Analysis
import Experiment
import PressureProtocol
@testable import Sweeps

enum WordTargets {
  static func sizes(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let size = ByteSize.parse(text) {
      promise(
        ByteSize.parse(ByteSize.exactText(size)) == size, "\(size) bytes are written as \(ByteSize.exactText(size))")
      _ = ByteSize.humanText(size)
    }
    if let duration = DurationText.parse(text) {
      promise(
        DurationText.parse(DurationText.exactText(duration)) == duration,
        "\(duration) ns are written as \(DurationText.exactText(duration))")
    }
    if let demand = MountDemand.parse(text) {
      promise(demand.bytes > 0 || demand.blocks.isEmpty, "a demand of nothing")
      promise(MountDemand.parse(demand.text) == demand, "the demand \(demand.text)")
    }
    if let setting = SysctlSetting(text) {
      promise(SysctlSetting(setting.text) == setting, "the setting \(setting.text)")
    }
    if let setting = ModelSetting(text) {
      promise(ModelSetting(setting.text) == setting, "the setting \(setting.text)")
    }
    if let requirement = Requirement(text) {
      promise(Requirement(requirement.text) == requirement, "the requirement \(requirement.text)")
    }
    for isModel in [false, true] {
      do throws(ScenarioError) {
        let knob = try SweepKnob(text, isModel: isModel)
        promise(knob.values.count >= 2 && Set(knob.values).count == knob.values.count, "the values of \(knob.key)")
      } catch { promiseOneLine(error) }
    }
    for key in ScenarioKey.allCases {
      var scenario = Scenario(name: "fuzz")
      do throws(ScenarioError) { try scenario.set(key, text) } catch { promiseOneLine(error) }
    }
  }

  static func messages(_ bytes: [UInt8]) {
    var buffer = LineBuffer()
    var rest = bytes[...]
    while true {
      let taken = buffer.append(rest)
      rest = rest.dropFirst(taken)
      do throws(PressureProtocolError) {
        guard let line = try buffer.nextLine() else {
          if rest.isEmpty { return }
          promise(taken > 0, "the buffer takes nothing and has no line")
          continue
        }
        message(line)
      } catch { promiseOneLine(error) }
    }
  }

  private static func message(_ line: String) {
    do throws(PressureProtocolError) {
      let request = try PressureRequest.decode(line)
      let again = try PressureRequest.decode(request.encoded)
      promise(again == request, "the request \(request.encoded)")
    } catch { promiseOneLine(error) }
    do throws(PressureProtocolError) {
      let reply = try PressureReply.decode(line)
      let again = try PressureReply.decode(reply.encoded)
      promise(again == reply, "the reply \(reply.encoded)")
    } catch { promiseOneLine(error) }
  }
}
