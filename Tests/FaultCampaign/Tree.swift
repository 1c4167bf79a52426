import CLinux
import Foundation

/// A directory of the campaign with all that is in it.
enum Tree {
  static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }
}
