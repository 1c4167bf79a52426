/// Which of the services' folios are on disk: what is not cannot be reclaimed (mm/vmscan.c, `shrink_folio_list`: a write under
/// GFP_NOFS does not write it itself).
///
/// They are written in the order in which they were made dirty, at a steady rate, once somebody has asked for it. The kernel has
/// a flusher for each volume; this is one for all.
struct Writeback {
  private let nanosecondsPerFolio: UInt64
  /// All folios so far: the number of the next.
  private(set) var made: UInt32 = 0
  /// Those with lower numbers are clean.
  private var clean: UInt32 = 0
  /// Those with lower numbers are to be written.
  private var wanted: UInt32 = 0
  /// When the folio that is being written was begun.
  private var since: UInt64 = 0

  let folioOrder: Int

  /// - Parameter nanosecondsPerPage: 0 where everything is clean at once.
  init(nanosecondsPerPage: Int, folioOrder: Int) {
    nanosecondsPerFolio = UInt64(nanosecondsPerPage) << UInt64(folioOrder)
    self.folioOrder = folioOrder
  }

  /// The number of a folio that is dirty from now on.
  mutating func add() -> UInt32 {
    defer { made += 1 }
    return made
  }

  mutating func start(at now: UInt64) {
    advance(to: now)
    if clean == wanted { since = now }
    wanted = made
  }

  mutating func isDirty(_ number: UInt32, at now: UInt64) -> Bool {
    advance(to: now)
    return number >= clean
  }

  mutating func dirtyFolios(at now: UInt64) -> Int {
    advance(to: now)
    return Int(made - clean)
  }

  /// When the next `folios` are on disk, or as many as are being written; nil while none is.
  func isClean(folios: Int) -> UInt64? {
    clean < wanted ? since + UInt64(min(max(folios, 1), Int(wanted - clean))) * nanosecondsPerFolio : nil
  }

  private mutating func advance(to now: UInt64) {
    guard nanosecondsPerFolio > 0 else {
      clean = made
      return
    }
    guard clean < wanted, now > since else { return }
    let written = min((now - since) / nanosecondsPerFolio, UInt64(wanted - clean))
    clean += UInt32(written)
    since += written * nanosecondsPerFolio
  }
}
