public import Experiment

/// What a supervised run needs of the command that started it: somebody who shows and records.
///
/// All on the supervisor's thread. Nothing here may fail: a run goes on, and its host is restored, whatever becomes of
/// its results.
public protocol RunObserver: AnyObject {
  /// Shows an event of the run as it happens.
  func show(_ event: RunEvent)
  /// Shows a line that is not an event.
  func show(_ text: String)
  /// Puts an event on record.
  func record(_ event: RunEvent)
  /// Keeps the kernel's messages of the time of the run; nil when they could not be read.
  func recordKernelLog(_ text: String?)
}
