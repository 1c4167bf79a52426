import Experiment
import HostJournal
import LinuxSystem
import SystemPackage

/// The kernel module that pins single pages for as long as it is loaded (scripts/snapmeta); it is unloaded from the journal.
enum PinningModule {
  /// Where the module is looked for when nobody says where it is: where `make modules_install` puts it.
  static func standardPath() -> String {
    "/lib/modules/\(KernelFile.trimmed("/proc/sys/kernel/osrelease") ?? "unknown")/extra/\(pinningModuleName).ko"
  }

  /// Loads it, which takes as long as the allocation of all pages: by alloc_page with GFP_KERNEL and __GFP_RETRY_MAYFAIL, so that memory
  /// which is not there ends in an error and not in the OOM killer.
  static func load(_ path: String, pages: UInt64, journal: inout RunJournal) throws(TestbedFailure) {
    try attempting(
      "load the kernel module",
      advice: "see dmesg; ENOMEM says that there is no room for so many pages: pin less (--pin)"
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
    }
  }
}
