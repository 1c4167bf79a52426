/// /proc/zoneinfo: watermarks and sizes of each zone, in pages (mm/vmstat.c, zoneinfo_show_print).
public struct ZoneInfo: Equatable, Sendable {
  public struct Zone: Equatable, Sendable {
    public let node: Int
    public let name: String
    public internal(set) var freePages: UInt64 = 0
    /// Shown since 5.16; raised for a while when pages of different mobility were mixed.
    public internal(set) var boostPages: UInt64?
    public internal(set) var minPages: UInt64 = 0
    public internal(set) var lowPages: UInt64 = 0
    public internal(set) var highPages: UInt64 = 0
    public internal(set) var spannedPages: UInt64 = 0
    public internal(set) var presentPages: UInt64 = 0
    public internal(set) var managedPages: UInt64 = 0
    /// Free pages that processors keep to themselves, in no free list; after much was freed they may be over 100 MB for seconds.
    public internal(set) var perCPUPages: UInt64 = 0
    /// File pages on the LRU lists.
    public internal(set) var filePages: UInt64 = 0
    /// Pages kept from allocations that prefer a higher zone; the index is that zone's. Empty for a zone without pages.
    public internal(set) var protectionPages: [UInt64] = []

    init(node: Int, name: String) {
      self.node = node
      self.name = name
    }
  }

  /// All zones of each node, those without memory as well, in the order in which ``Zone/protectionPages`` counts them.
  public let zones: [Zone]

  /// What `zone` keeps back from the kernel's own allocations, which could have used Normal, or DMA32 where there is no Normal
  /// (mm/page_alloc.c, `__zone_watermark_ok`: `lowmem_reserve[highest zone]`); nil where the text does not tell. On 64 bits there is no
  /// HighMem, so that it is the same for GFP_KERNEL and for GFP_HIGHUSER.
  public func kernelProtectionPages(of zone: Zone) -> UInt64? {
    let names = zones.filter { $0.node == zone.node }.map(\.name)
    guard let highest = names.firstIndex(of: "Normal") ?? names.firstIndex(of: "DMA32"),
      zone.protectionPages.indices.contains(highest)
    else { return nil }
    return zone.protectionPages[highest]
  }

  /// What the kernel counts as available and cannot have for itself: free pages and file pages of ZONE_MOVABLE.
  var availableToMovableOnlyPages: UInt64 {
    zones.reduce(0) { $1.name == "Movable" ? $0 &+ $1.freePages &+ $1.filePages : $0 }
  }

  /// Of ZONE_MOVABLE.
  public var movableFreePages: UInt64 { zones.reduce(0) { $1.name == "Movable" ? $0 &+ $1.freePages : $0 } }

  /// Over all zones.
  public var perCPUPages: UInt64 { zones.reduce(0) { $0 &+ $1.perCPUPages } }

  public static func parse(_ text: String) throws(KernelTextError) -> ZoneInfo {
    var zones: [Zone] = []
    // Between "pages free" and the first counter the names are the zone's own; "high" comes again for each CPU's lists.
    var isInHead = false
    var missing: Set<String> = []
    for line in Fields.lines(text, of: "/proc/zoneinfo") {
      if let (node, name, _) = line.zoneHeading() {
        try requireAll(missing, of: zones.last)
        missing = required
        zones.append(Zone(node: node, name: name))
        isInHead = false
        continue
      }
      guard let last = zones.indices.last else { throw line.error("'Node N, zone NAME' first") }
      if line.words.starts(with: ["pages", "free"]) {
        zones[last].freePages = try line.unsigned(2, "the number of free pages")
        missing.remove("free")
        isInHead = true
        continue
      }
      if line.words[0] == "protection:" {
        zones[last].protectionPages = try protection(line)
        isInHead = false
        continue
      }
      if line.words[0] == "count:" && line.words.count == 2 {
        zones[last].perCPUPages &+= try line.unsigned(1, "a number of pages")
        continue
      }
      if line.words[0] == "nr_zone_inactive_file" || line.words[0] == "nr_zone_active_file" {
        zones[last].filePages &+= try line.unsigned(1, "a number of pages")
        continue
      }
      guard isInHead else { continue }
      try take(line, into: &zones[last])
      missing.remove(String(line.words[0]))
    }
    try requireAll(missing, of: zones.last)
    guard !zones.isEmpty else {
      throw KernelTextError("/proc/zoneinfo", line: 0, content: text, expected: "a paragraph for each zone")
    }
    return ZoneInfo(zones: zones)
  }

  /// What every kernel since 3.9 says of every zone. A watermark of 0 for one that is not there would be taken for a zone
  /// that never needs reclaim.
  private static let required: Set<String> = ["free", "min", "low", "high", "spanned", "present", "managed"]

  private static func requireAll(_ missing: Set<String>, of zone: Zone?) throws(KernelTextError) {
    guard let zone, let name = missing.min() else { return }
    throw KernelTextError(
      "/proc/zoneinfo", line: 0, content: "Node \(zone.node), zone \(zone.name)",
      expected: "a line '\(name)' for this zone")
  }

  private static func take(_ line: Fields, into zone: inout Zone) throws(KernelTextError) {
    func pages() throws(KernelTextError) -> UInt64 { try line.unsigned(1, "a number of pages") }
    switch line.words[0] {
    case "boost": zone.boostPages = try pages()
    case "min": zone.minPages = try pages()
    case "low": zone.lowPages = try pages()
    case "high": zone.highPages = try pages()
    case "spanned": zone.spannedPages = try pages()
    case "present": zone.presentPages = try pages()
    case "managed": zone.managedPages = try pages()
    default: break
    }
  }

  /// "protection: (0, 2837, 3855)".
  private static func protection(_ line: Fields) throws(KernelTextError) -> [UInt64] {
    let expected = "'protection: (PAGES, …)'"
    guard let open = line.text.firstIndex(of: "("), let close = line.text.lastIndex(of: ")"), open < close else {
      throw line.error(expected)
    }
    var pages: [UInt64] = []
    for part in line.text[line.text.index(after: open)..<close].split(separator: ",") {
      pages.append(try line.number(part.drop { $0 == " " }, expected))
    }
    return pages
  }
}
