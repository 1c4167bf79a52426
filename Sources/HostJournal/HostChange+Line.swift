extension HostChange {
  var fields: [JournalLine.Field] {
    func field(_ name: String, _ value: some CustomStringConvertible) -> JournalLine.Field {
      JournalLine.Field(name: name, value: value.description)
    }
    return switch self {
    case .sysctl(let key, let previous, let new):
      [field("kind", "sysctl"), field("key", key), field("previous", previous), field("new", new)]
    case .loopNode(let number):
      [field("kind", "loop-node"), field("number", number)]
    case .loopBinding(let number, let backingFile, let device, let inode):
      [
        field("kind", "loop-binding"), field("number", number), field("file", backingFile), field("device", device),
        field("inode", inode),
      ]
    case .deviceNode(let path, let major, let minor):
      [field("kind", "device-node"), field("path", path), field("major", major), field("minor", minor)]
    case .plannedDirectory(let path):
      [field("kind", "planned-directory"), field("path", path)]
    case .directory(let path, let device, let inode):
      [field("kind", "directory"), field("path", path), field("device", device), field("inode", inode)]
    case .traceInstance(let name):
      [field("kind", "trace-instance"), field("name", name)]
    case .kernelModule(let name):
      [field("kind", "kernel-module"), field("name", name)]
    case .mappedDevice(let name):
      [field("kind", "mapped-device"), field("name", name)]
    case .memoryBlock(let number, let zone, let isMovable):
      [
        field("kind", "memory-block"), field("number", number), field("zone", zone),
        field("new", isMovable ? "movable" : "offline"),
      ]
    case .process(let pid, let startTicks, let role):
      [field("kind", "process"), field("pid", pid), field("ticks", startTicks), field("role", role)]
    }
  }

  init(_ line: JournalLine) throws(JournalLine.Damage) {
    switch try line.text("kind") {
    case "sysctl":
      self = .sysctl(key: try line.text("key"), previous: try line.text("previous"), new: try line.text("new"))
    case "loop-node":
      self = .loopNode(number: try line.number("number"))
    case "loop-binding":
      self = .loopBinding(
        number: try line.number("number"), backingFile: try line.text("file"), device: try line.number("device"),
        inode: try line.number("inode"))
    case "device-node":
      self = .deviceNode(
        path: try line.text("path"), major: try line.number("major"), minor: try line.number("minor"))
    case "planned-directory":
      self = .plannedDirectory(path: try line.text("path"))
    case "directory":
      self = .directory(
        path: try line.text("path"), device: try line.number("device"), inode: try line.number("inode"))
    case "trace-instance":
      self = .traceInstance(name: try line.text("name"))
    case "kernel-module":
      self = .kernelModule(name: try line.text("name"))
    case "mapped-device":
      self = .mappedDevice(name: try line.text("name"))
    case "memory-block":
      let new = try line.text("new")
      guard new == "movable" || new == "offline" else { throw .content("a block of memory that is \(printable(new))") }
      self = .memoryBlock(
        number: try line.number("number"), zone: try line.text("zone"), isMovable: new == "movable")
    case "process":
      self = .process(
        pid: try line.number("pid"), startTicks: try line.number("ticks"), role: try line.text("role"))
    case let other:
      throw .content("a change of unknown kind \(printable(other)), perhaps of a newer version")
    }
    if let defect { throw .content("\(defect): \(self)") }
  }
}
