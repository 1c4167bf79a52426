public import Experiment

extension LinuxTestbed {
  /// Lets go of everything that only this process can let go of: pinned pages, mounts, open devices. What it has changed on the host
  /// stands in the journal, and `JournalRestorer` puts it back, as it does after a death.
  ///
  /// - Returns: mounts that could not be ended; they end with this process, whose mount namespace is its own.
  public consuming func tearDown() -> Leftovers {
    // Memory first: with the pinned pages back, and inodes that can be reclaimed again, everything after goes quickly. What cannot be put
    // back here stays in the journal, and the supervisor says so.
    pressure.quit()
    _ = settings.restore(key: RunSetting.inodePressure.key, journal: &journal)
    // Its instance cannot be removed while a file of it is open here.
    failoverTrace = nil
    workload = nil
    return release(&mounts, &devices)
  }
}
