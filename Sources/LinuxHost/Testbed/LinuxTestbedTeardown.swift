public import Experiment

extension LinuxTestbed {
  /// Lets go of everything that only this process can let go of: pinned pages, mounts, open devices. What it has changed on the host
  /// stands in the journal, and `JournalRestorer` puts it back, as it does after a death.
  ///
  /// - Returns: mounts that could not be ended; they end with this process, whose mount namespace is its own.
  public consuming func tearDown() -> Leftovers {
    // Memory first: with the pinned pages back, everything after goes quickly.
    pressure.quit()
    // Its instance cannot be removed while a file of it is open here.
    failoverTrace = nil
    workload = nil
    return release(&mounts, &devices)
  }
}
