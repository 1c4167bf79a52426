/// /proc/slabinfo, version 2.1 (mm/slab_common.c). Readable by root only.
public struct SlabInfo: Equatable, Sendable {
  public struct Cache: Equatable, Sendable {
    public let name: String
    public let activeObjects: UInt64
    public let objects: UInt64
    public let objectSizeBytes: UInt64
    public let objectsPerSlab: UInt64
    public let pagesPerSlab: UInt64
    public let slabs: UInt64

    /// Memory that the cache has from the page allocator, free objects included; UInt64.max for what no machine has.
    public func bytes(pageSize: UInt64) -> UInt64 {
      let (pages, tooManyPages) = slabs.multipliedReportingOverflow(by: pagesPerSlab)
      let (bytes, tooManyBytes) = pages.multipliedReportingOverflow(by: pageSize)
      return tooManyPages || tooManyBytes ? .max : bytes
    }
  }

  public let caches: [Cache]

  public subscript(name: String) -> Cache? { caches.first { $0.name == name } }

  public static func parse(_ text: String) throws(KernelTextError) -> SlabInfo {
    let source = "/proc/slabinfo"
    guard text.hasPrefix("slabinfo - version: 2.") else {
      throw KernelTextError(source, line: 1, content: text, expected: "'slabinfo - version: 2.1'")
    }
    var caches: [Cache] = []
    for line in Fields.lines(text, of: source).dropFirst() where line.words[0] != "#" && !line.words[0].hasPrefix("#") {
      // "name active num size perslab pagesperslab : tunables a b c : slabdata active_slabs num_slabs shared"
      // Counted back from "tunables": nothing keeps a driver from a name with a space in it.
      guard let tunables = line.words.lastIndex(of: "tunables"), let data = line.words.lastIndex(of: "slabdata"),
        tunables < data,
        tunables >= 7
      else { throw line.error("the numbers of a cache") }
      let first = tunables - 6
      let expected = "a number"
      caches.append(
        Cache(
          name: line.words[..<first].joined(separator: " "), activeObjects: try line.unsigned(first, expected),
          objects: try line.unsigned(first + 1, expected), objectSizeBytes: try line.unsigned(first + 2, expected),
          objectsPerSlab: try line.unsigned(first + 3, expected), pagesPerSlab: try line.unsigned(first + 4, expected),
          slabs: try line.unsigned(data + 2, expected)))
    }
    return SlabInfo(caches: caches)
  }
}
