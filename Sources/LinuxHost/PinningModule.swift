import Experiment
import HostJournal
import LinuxSystem
import SystemPackage

/// The kernel module that pins single pages while it is loaded (scripts/snapmeta), owned: `unload()` frees them. Its process's death
/// does not; the journal then does.
struct PinningModule: ~Copyable {
  private let entry: Int

  /// Where the module is looked for when nobody says where it is: where `make modules_install` puts it.
  static func standardPath() -> String {
    "/lib/modules/\(KernelFile.trimmed("/proc/sys/kernel/osrelease") ?? "unknown")/extra/\(pinningModuleName).ko"
  }

  /// Loads it, which takes as long as the allocation of all pages: by alloc_page with GFP_KERNEL and __GFP_RETRY_MAYFAIL, so that memory
  /// which is not there ends in an error and not in the OOM killer.
  init(path: String, pages: UInt64, journal: inout RunJournal) throws(TestbedFailure) {
    entry = try Self.load(path: path, pages: pages, journal: &journal)
  }

  private static func load(path: String, pages: UInt64, journal: inout RunJournal) throws(TestbedFailure) -> Int {
    try attempting(
      "load the kernel module", advice: "see dmesg; ENOMEM says that there is no room for so many pages: pin less (--pin)"
    ) { () throws(SystemError) in
      let file = try attempt("open", path) { () throws(Errno) in try Descriptor(opening: path, .readOnly) }
      let entry = try journal.record(.kernelModule(name: pinningModuleName))
      do throws(SystemError) {
        try attempt("load", path) { () throws(Errno) in try KernelModule.load(file, parameters: "pages=\(pages)") }
      } catch {
        // Not loaded, or somebody else's: in either case nothing of this run's is to be unloaded.
        try journal.undone(entry)
        throw error
      }
      return entry
    }
  }

  consuming func unload(journal: inout RunJournal) throws(SystemError) {
    try attempt("unload", pinningModuleName) { () throws(Errno) in try KernelModule.unload(pinningModuleName) }
    try journal.undone(entry)
  }
}
