import CLinux
import Synchronization

/// Threads for calls that spend their time waiting in the kernel, each for itself.
///
/// Not before the process has entered a mount namespace: unshare(2) moves the calling thread alone.
public enum Threads {
  /// Calls `body` with 0 to `count` - 1, on up to `width` threads, and returns when all calls have. Where no thread can be had, the calls are made
  /// one after another.
  public static func perform(_ count: Int, width: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let work = Work(count, body)
    var threads: [pthread_t] = []
    for _ in 1..<max(1, min(width, count)) {
      var thread = pthread_t()
      let context = Unmanaged.passRetained(work)
      let code = pthread_create(
        &thread, nil,
        { context in
          Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
          return nil
        }, context.toOpaque())
      guard code == 0 else {
        context.release()
        break
      }
      threads.append(thread)
    }
    work.run()
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Work: Sendable {
    private let next = Atomic<Int>(0)
    private let count: Int
    private let body: @Sendable (Int) -> Void

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.body = body
    }

    func run() {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= count { return }
        body(index)
      }
    }
  }
}
