@testable import HostJournal
import Testing

@Suite struct SysctlRuleTests {
  struct Case: Sendable {
    var key: String
    var previous: String
    var new: String
    var present: String
    var finding: SysctlRule.Finding
  }

  @Test(arguments: [
    Case(key: "vm.swappiness", previous: "60", new: "0", present: "0", finding: .ours),
    Case(key: "vm.swappiness", previous: "60", new: "0", present: "60", finding: .asBefore),
    Case(key: "vm.swappiness", previous: "60", new: "0", present: "30", finding: .foreign),
    Case(key: "vm.swappiness", previous: "60", new: "010", present: "10", finding: .ours),
    Case(key: "kernel.printk", previous: "4 4 1 7", new: "3 4 1 7", present: "4\t4\t1\t7\n", finding: .asBefore),
    Case(key: "kernel.printk", previous: "4\t4\t1\t7", new: "3 4 1 7", present: "3\t4\t1\t7", finding: .ours),
    Case(key: "kernel.printk", previous: "4 4 1 7", new: "3 4 1 7", present: "3 4 1 6", finding: .foreign),
    Case(key: "vm.nr_hugepages", previous: "0", new: "9500", present: "9123", finding: .ours),
    Case(key: "vm.nr_hugepages", previous: "0", new: "9500", present: "9501", finding: .foreign),
    Case(key: "vm.nr_hugepages", previous: "10", new: "9500", present: "9", finding: .foreign),
    Case(key: "vm.nr_hugepages", previous: "9500", new: "10", present: "11", finding: .ours),
    Case(key: "vm.nr_hugepages", previous: "0", new: "9500", present: "many", finding: .foreign),
    Case(key: "fs.pipe-max-size", previous: "1048576", new: "3000000", present: "4194304", finding: .ours),
    Case(key: "fs.pipe-max-size", previous: "1048576", new: "3000000", present: "8388608", finding: .foreign),
    Case(key: "fs.pipe-max-size", previous: "1048576", new: "3000000", present: "2097152", finding: .foreign),
    Case(key: "fs.pipe-max-size", previous: "1048576", new: "1", present: "4096", finding: .ours),
  ])
  func whoseAValueIs(_ test: Case) {
    #expect(
      SysctlRule(key: test.key).finding(present: test.present, previous: test.previous, new: test.new) == test.finding)
  }
}
