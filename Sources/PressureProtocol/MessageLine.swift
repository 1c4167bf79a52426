import Experiment

/// A line under construction.
struct MessageLine {
  private(set) var text: String

  init(_ verb: String) {
    text = verb
  }

  func adding(_ key: String, _ value: some CustomStringConvertible) -> MessageLine {
    var line = self
    line.text += " \(key)=\(value)"
    return line
  }

  func adding(_ key: String, _ blocks: [MountDemand.Blocks]) -> MessageLine {
    adding(key, BlockList.text(blocks))
  }

  /// Free text, percent-encoded. At most `limitBytes` of its UTF-8 are sent, cut between two characters: three bytes
  /// each when encoded, so the limits of a message's texts must add up to less than a third of a line.
  func addingText(_ key: String, _ value: String, limitBytes: Int) -> MessageLine {
    var encoded = ""
    var sentBytes = 0
    for character in value {
      sentBytes += character.utf8.count
      if sentBytes > limitBytes { break }
      for byte in character.utf8 {
        if isPrintable(byte), byte != UInt8(ascii: " "), byte != UInt8(ascii: "%") {
          encoded.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
          encoded += byte < 16 ? "%0" : "%"
          encoded += String(byte, radix: 16, uppercase: true)
        }
      }
    }
    return adding(key, encoded)
  }

  /// The line with its newline, ready to be sent.
  var finished: String { text + "\n" }
}
