import LinuxSystem
import PressureProtocol

/// Start to end of a helper whose supervisor or child lives.
enum HelperProcess {
  enum Ending: Equatable {
    case quit
    case endOfFile
    case notStarted(SystemFailure)
  }

  /// Prepares the process, says `ready`, serves; a failure before that is told to the child as `failed`. When this
  /// returns, all pages and blocks have been given back.
  static func serve(_ arguments: HelperArguments) -> Ending {
    var channel = ControlChannel(descriptor: arguments.controlDescriptor)
    do throws(SystemFailure) {
      try ProcessSetup.prepare(arguments)
    } catch {
      channel.send(error.reply)
      return .notStarted(error)
    }
    let memory: ProcMemory
    do throws(SystemFailure) {
      memory = try ProcMemory()
    } catch {
      channel.send(error.reply)
      return .notStarted(error)
    }
    do throws(SystemFailure) {
      var service = try PressureService(
        channel: channel, memory: memory, descriptorLimit: Int(clamping: DescriptorLimit.soft))
      ProcessSetup.lockWorkingMemory()
      switch service.serve(processID: ProcessNumber.own) {
      case .quit: return .quit
      case .endOfFile: return .endOfFile
      }
    } catch {
      return .notStarted(error)
    }
  }
}
