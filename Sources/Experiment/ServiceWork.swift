/// What each service does once its volume is mounted: it creates files and writes them, then reads them back. It is restored when all
/// of them are right.
public struct ServiceWork: Equatable, Sendable, Codable {
  /// 0 for a service that only has its sentinel.
  public var files = 0
  public var fileSizes = SizeRange(16)
  public var timeoutNanoseconds: UInt64 = 60_000_000_000

  public init() {}

  public static let mostFiles = 100_000
  /// 1 MiB: each is one write(2).
  static let sizes: ClosedRange<UInt64> = 1...(1 << 20)

  /// The bytes of each file, in the order in which they are created: powers of two times the least, each as likely. The same for every
  /// service of a run, so that they are comparable.
  public func sizesBytes(seed: UInt64) -> [Int] {
    var random = RandomGenerator(seed: seed ^ 0x5345_5256_4943_4553)
    let choices = fileSizes.doublings
    return (0..<files).map { _ in Int(choices[Int(random.below(UInt64(choices.count)))]) }
  }
}

/// A size, or every size from one to another.
public struct SizeRange: Equatable, Sendable, Codable {
  public let leastBytes: UInt64
  public let mostBytes: UInt64

  init(_ least: UInt64, _ most: UInt64? = nil) { (leastBytes, mostBytes) = (least, most ?? least) }

  /// The least, and what comes of doubling it up to the most.
  var doublings: [UInt64] {
    var sizes = [leastBytes]
    while let last = sizes.last, last > 0, last <= mostBytes / 2 { sizes.append(last * 2) }
    return sizes
  }

  /// - Parameter range: of both ends.
  static func form(_ range: ClosedRange<UInt64>) -> ValueForm<SizeRange> {
    let words = "\(ByteSize.exactText(range.lowerBound)) to \(ByteSize.exactText(range.upperBound))"
    return ValueForm(
      valueName: "size|least-most", expected: "a size or LEAST-MOST, such as 16B-64KiB, from \(words)"
    ) { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { ByteSize.parse(String($0)) }
      guard parts.count <= 2, let least = parts[0], let most = parts.last ?? nil, range.contains(least),
        range.contains(most), least <= most
      else { return nil }
      return SizeRange(least, most)
    } text: {
      $0.leastBytes == $0.mostBytes
        ? ByteSize.exactText($0.leastBytes) : "\(ByteSize.exactText($0.leastBytes))-\(ByteSize.exactText($0.mostBytes))"
    }
  }
}

/// What became of a service's files.
public struct ServiceRecord: Equatable, Sendable, Codable {
  /// Files at which the same call failed in the same way.
  public struct Failure: Equatable, Sendable, Codable {
    /// The call, or `compare` for contents that are not what was written.
    public let operation: String
    /// nil for `compare`.
    public let errorNumber: Int32?
    public let files: UInt64

    public init(operation: String, errorNumber: Int32?, files: UInt64) {
      (self.operation, self.errorNumber, self.files) = (operation, errorNumber, files)
    }
  }

  /// That were to be created, written and read back.
  public let files: UInt64
  /// Of them right in the end.
  public let rightFiles: UInt64
  /// In the order in which each was first seen. What is neither in them nor right was not done within the service timeout.
  public let failures: [Failure]
  public let durationNanoseconds: UInt64
  /// Longest time to create and write one file: open, write, close.
  public let slowestWriteNanoseconds: UInt64?

  public init(
    files: UInt64, rightFiles: UInt64, failures: [Failure], durationNanoseconds: UInt64,
    slowestWriteNanoseconds: UInt64?
  ) {
    (self.files, self.rightFiles, self.failures) = (files, rightFiles, failures)
    (self.durationNanoseconds, self.slowestWriteNanoseconds) = (durationNanoseconds, slowestWriteNanoseconds)
  }

  public var failedFiles: UInt64 { failures.reduce(0) { $0 + $1.files } }
  public var unfinishedFiles: UInt64 { files - min(files, rightFiles + failedFiles) }
}

extension MountOutcome {
  /// Of a service whose volume is mounted.
  ///
  /// - Parameter error: an errno in words.
  public init(_ service: ServiceRecord, error: (Int32) -> String) {
    guard service.rightFiles < service.files else {
      self = .mounted
      return
    }
    var reasons = service.failures.map { failure in
      "\(failure.operation): \(failure.errorNumber.map(error) ?? "not what was written") (\(failure.files))"
    }
    if service.unfinishedFiles > 0 {
      reasons.append("not done within the service timeout (\(service.unfinishedFiles))")
    }
    self = .degraded(
      failed: service.files - service.rightFiles, of: service.files, reason: reasons.joined(separator: "; "))
  }
}
