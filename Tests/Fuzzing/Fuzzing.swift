import Foundation

/// libFuzzer with a main of this program's own, since the package manager wants one (compiler-rt, FuzzerDriver.cpp).
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Feeds bytes to one of the readers; started by scripts/fuzz.
///
///     Fuzzing --list                           names the readers
///     Fuzzing --seeds TARGET FIXTURES FOLDER   writes what to begin with
@main
enum Fuzzing {
  static let target: Target? = getenv("FAILOVER_BENCH_FUZZ_TARGET").flatMap { Target(rawValue: String(cString: $0)) }

  static func main() {
    let words = CommandLine.arguments
    if words.dropFirst().first == "--list" {
      for target in Target.allCases { print(target.rawValue) }
      return
    }
    if words.count == 5, words[1] == "--seeds", let target = Target(rawValue: words[2]) {
      do {
        for (number, seed) in try Seeds.of(target, fixtures: words[3]).enumerated() {
          try Data(seed).write(to: URL(fileURLWithPath: "\(words[4])/seed-\(number)"))
        }
      } catch {
        print("no seeds: \(error)")
        exit(70)
      }
      return
    }
    guard target != nil else {
      print("FAILOVER_BENCH_FUZZ_TARGET names no target; see --list")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(
      withUnsafeMutablePointer(to: &count) { count in
        withUnsafeMutablePointer(to: &arguments) { arguments in
          runDriver(count, arguments) { bytes, size in
            Fuzzing.target!.read(Array(UnsafeBufferPointer(start: bytes, count: size)))
            return 0
          }
        }
      })
  }
}

/// What every reader promises: a trap is what a fuzzer finds, so what does not hold is made one.
func promise(_ holds: Bool, _ what: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line) {
  if !holds { fatalError(what(), file: file, line: line) }
}

/// An error is one line that a terminal can be shown, of bounded length.
func promiseOneLine(_ error: some Error) {
  let text = "\(error)"
  promise(!text.isEmpty && text.utf8.count < 4_000, "an error of \(text.utf8.count) bytes")
  promise(
    !text.unicodeScalars.contains { $0.properties.generalCategory == .control },
    "an error with control characters: \(text.debugDescription)")
}
