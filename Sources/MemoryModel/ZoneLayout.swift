/// Where the free blocks of a zone lie at the start.
enum ZoneLayout {
  /// Pages to simulate. Of a real machine only what is free, each free block with a used buddy beside it: what its
  /// ballast and its programs hold takes part in nothing.
  static func pagesNeeded(_ zone: MachinePlan.Zone, maximumOrder: Int) -> Int {
    guard let types = zone.freeBlocks else { return zone.managedPages }
    let block = 1 << maximumOrder
    let slots = types.reduce(0) { sum, blocks in
      sum + rounded(blocks.enumerated().reduce(0) { $0 + $1.element << slotOrder($1.offset, maximumOrder) }, to: block)
    }
    return slots + rounded(zone.keptPages, to: block) + rounded(zone.returnedPages, to: block) + block
  }

  private static func rounded(_ pages: Int, to block: Int) -> Int { (pages + block - 1) / block * block }

  private static func slotOrder(_ order: Int, _ maximumOrder: Int) -> Int { min(order + 1, maximumOrder) }

  static func fill(_ machine: inout Machine, _ zone: Int) {
    let span = machine.buddy.spans[zone]
    let plan = machine.plan.zones[zone]
    if let types = plan.freeBlocks {
      for page in span.base..<span.end { machine.buddy.pages[page].tag = PageRecord.tag(.kernel) }
      var page = span.base
      for (type, blocks) in types.enumerated() {
        page = place(blocks, type, at: page, zone, &machine)
      }
    } else {
      // What the kernel took at boot lies below, the rest is free in the largest blocks that fit.
      let firstFree = span.end - plan.freePages
      for page in span.base..<firstFree { machine.buddy.pages[page].tag = PageRecord.tag(.kernel) }
      for page in firstFree..<span.end { machine.buddy.pages[page].tag = PageRecord.tag(.inside) }
      let type = machine.scheme.groupsByMobility ? Machine.Mobility.movable.rawValue : 0
      freeRange(&machine, firstFree, span.end, zone, type)
    }
    machine.trackRange(span.base, span.end)
  }

  /// Blocks of one type, largest first, each in a slot of twice its size whose other half is in use: no two of them are
  /// buddies. Returns where the next type's page blocks begin.
  private static func place(_ blocks: [Int], _ type: Int, at first: Int, _ zone: Int, _ machine: inout Machine) -> Int {
    let maximumOrder = machine.scheme.maximumOrder
    var page = first
    for order in blocks.indices.reversed() {
      for _ in 0..<blocks[order] {
        for inside in page..<(page + 1 << order) { machine.buddy.pages[inside].tag = PageRecord.tag(.inside) }
        machine.buddy.seed(page, order: order, zone: zone, type: machine.scheme.groupsByMobility ? type : 0)
        page += 1 << slotOrder(order, maximumOrder)
      }
    }
    let end = first + rounded(page - first, to: 1 << maximumOrder)
    machine.setPageBlocks(first, end, type)
    return end
  }

  /// Pages of the processors' own come back: the last of the zone are the kept ones, before them lie those that return earlier.
  static func drain(_ machine: inout Machine, _ zone: Int, kept: Bool) {
    let plan = machine.plan.zones[zone]
    let block = 1 << machine.scheme.maximumOrder
    let end = machine.buddy.spans[zone].end - (kept ? 0 : rounded(plan.keptPages, to: block))
    let first = end - (kept ? plan.keptPages : plan.returnedPages)
    for page in first..<end { machine.buddy.pages[page].tag = PageRecord.tag(.inside) }
    freeRange(&machine, first, end, zone, machine.scheme.groupsByMobility ? Machine.Mobility.unmovable.rawValue : 0)
    machine.trackRange(first, end)
  }

  /// Frees a range in the largest aligned blocks.
  private static func freeRange(_ machine: inout Machine, _ first: Int, _ end: Int, _ zone: Int, _ type: Int) {
    var page = first
    while page < end {
      var order = min(page == 0 ? machine.scheme.maximumOrder : page.trailingZeroBitCount, machine.scheme.maximumOrder)
      while page + 1 << order > end { order -= 1 }
      machine.buddy.seed(page, order: order, zone: zone, type: type)
      page += 1 << order
    }
  }
}
