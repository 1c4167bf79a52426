// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "BasicContainers", package: "swift-collections")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let textTable: Target.Dependency = .product(name: "TextTable", package: "TextTable")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// What each module may import stands in Tests/ArchitectureTests, which holds the sources against it.
let package = Package(
  name: "failover-bench",
  products: [
    .executable(name: "failover-bench", targets: ["FailoverBench"]),
    .executable(name: "failover-bench-pressure", targets: ["PressureHelper"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
  ],
  targets: [
    .systemLibrary(name: "CLibmount", pkgConfig: "mount", providers: [.apt(["libmount-dev"])]),
    .systemLibrary(name: "CLibblkid", pkgConfig: "blkid", providers: [.apt(["libblkid-dev"])]),
    .target(name: "CLinux"),
    .target(name: "Experiment", swiftSettings: strict),
    .target(name: "MemoryModel", dependencies: ["Experiment"], swiftSettings: strict),
    .target(name: "KernelText", swiftSettings: strict),
    .target(name: "PressureProtocol", dependencies: ["Experiment"], swiftSettings: strict),
    .target(name: "LinuxSystem", dependencies: ["CLinux", system], swiftSettings: strict),
    .target(name: "HostJournal", dependencies: ["LinuxSystem", system], swiftSettings: strict),
    .target(
      name: "LinuxHost",
      dependencies: [
        "Experiment", "KernelText", "PressureProtocol", "HostJournal", "LinuxSystem", "CLibmount", "CLibblkid",
        system, collections, histogram,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "PressureHelper",
      dependencies: [
        "Experiment", "PressureProtocol", "KernelText", "HostJournal", "LinuxSystem", "CLinux", system,
      ],
      swiftSettings: strict),
    .target(name: "Analysis", dependencies: ["Experiment"], swiftSettings: strict),
    .target(name: "Report", dependencies: ["Experiment", "Analysis", textTable], swiftSettings: strict),
    .target(
      name: "RecordFiles", dependencies: ["Experiment", "LinuxSystem", system, yams],
      // Scenarios is a link to fixtures/scenarios: one copy, where people look for it.
      resources: [
        .embedInCode("Scenarios/paper-env1.yaml"), .embedInCode("Scenarios/paper-env2.yaml"),
        .embedInCode("Scenarios/paper-2005.yaml"),
        .embedInCode("Scenarios/quick.yaml"), .embedInCode("Scenarios/xfs-64k.yaml"),
        .embedInCode("Scenarios/xfs-striped-log.yaml"), .embedInCode("Scenarios/ext4-64k.yaml"),
      ],
      swiftSettings: strict),
    .target(
      name: "Supervision",
      dependencies: ["Experiment", "HostJournal", "LinuxSystem", "LinuxHost", "RecordFiles", system],
      swiftSettings: strict),
    .target(
      name: "Sweeps",
      dependencies: [
        "Experiment", "MemoryModel", "LinuxSystem", "Supervision", "Analysis", "RecordFiles", system,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "FailoverBench",
      dependencies: [
        "Experiment", "MemoryModel", "KernelText", "HostJournal", "LinuxSystem", "LinuxHost", "Supervision", "Analysis",
        "Report",
        "RecordFiles", "Sweeps", argumentParser, system,
      ],
      swiftSettings: strict),
    // A tool of the tests and no product: scripts/fault-campaign.
    .executableTarget(
      name: "FaultCampaign",
      dependencies: [
        "Experiment", "HostJournal", "LinuxSystem", "RecordFiles", "CLinux", argumentParser, system, textTable,
      ],
      path: "Tests/FaultCampaign", swiftSettings: strict),
    // Likewise: scripts/lab-backends, plot-mounts, plot-sweep and bench-model.
    .executableTarget(
      name: "Measurements",
      dependencies: [
        "Experiment", "MemoryModel", "KernelText", "LinuxSystem", "Analysis", "Report", "RecordFiles", "Sweeps",
        argumentParser, system,
      ],
      path: "Tests/Measurements", swiftSettings: strict),
    // What several suites of tests need, and no product either.
    .target(
      name: "TestSupport", dependencies: ["Experiment", "Analysis", "LinuxSystem", "CLinux", system],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "MemoryModelTests", dependencies: ["MemoryModel", "Experiment"], swiftSettings: strict),
    .testTarget(name: "KernelTextTests", dependencies: ["TestSupport", "KernelText"], swiftSettings: strict),
    .testTarget(name: "ExperimentTests", dependencies: ["Experiment"], swiftSettings: strict),
    .testTarget(
      name: "PressureTests",
      dependencies: [
        "TestSupport", "Experiment", "PressureProtocol", "KernelText", "LinuxSystem", "CLinux", "PressureHelper",
        system,
      ], swiftSettings: strict),
    .testTarget(
      name: "HostJournalTests", dependencies: ["TestSupport", "HostJournal", "LinuxSystem", "CLinux", system],
      swiftSettings: strict),
    .testTarget(name: "AnalysisTests", dependencies: ["TestSupport", "Analysis", "Experiment"], swiftSettings: strict),
    .testTarget(
      name: "ReportTests", dependencies: ["TestSupport", "Report", "Analysis", "Experiment"], swiftSettings: strict),
    .testTarget(
      name: "RecordFilesTests",
      dependencies: ["TestSupport", "LinuxSystem", system, "RecordFiles", "Report", "Analysis", "Experiment"],
      swiftSettings: strict),
    .testTarget(
      name: "LinuxSystemTests", dependencies: ["TestSupport", "LinuxSystem", "CLinux", system], swiftSettings: strict),
    .testTarget(
      name: "LinuxHostTests",
      dependencies: [
        "TestSupport", "LinuxHost", "Experiment", "KernelText", "PressureProtocol", "HostJournal", "LinuxSystem",
        "CLinux", system, collections,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FailoverBenchTests",
      dependencies: [
        "TestSupport", "FailoverBench", "Experiment", "MemoryModel", "Analysis", "KernelText", "RecordFiles",
        "HostJournal", "LinuxSystem", "CLinux", system,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MeasurementsTests",
      dependencies: [
        "TestSupport", "Measurements", "Analysis", "Experiment", "LinuxSystem", "RecordFiles", "Sweeps",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SupervisionTests",
      dependencies: ["Supervision", "Experiment", "HostJournal", "LinuxSystem", "LinuxHost", "RecordFiles", system],
      swiftSettings: strict),
    .testTarget(
      name: "SweepsTests",
      dependencies: ["TestSupport", "Sweeps", "Analysis", "Experiment", "Supervision", "RecordFiles"],
      swiftSettings: strict),
    .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzer's program has a main of libFuzzer's: it is built by scripts/fuzz alone, with the instrumentation that it needs.
if Context.environment["FAILOVER_BENCH_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzzing",
      dependencies: [
        "Experiment", "KernelText", "PressureProtocol", "HostJournal", "RecordFiles", "Sweeps", "Analysis",
        "MemoryModel", system,
      ],
      path: "Tests/Fuzzing", swiftSettings: strict))
}

// SwiftPM's own --sanitize=thread instruments the dependencies as well, and Swift 6.3.1 breaks off over swift-collections then ("Invalid
// bitcast", in IRGen's tsanInoutAccess): here it is our own modules alone, which is what is to be looked at. See scripts/test --sanitize.
if Context.environment["FAILOVER_BENCH_SANITIZE"] == "thread" {
  for target in package.targets where target.type != .system {
    target.cSettings = (target.cSettings ?? []) + [.unsafeFlags(["-fsanitize=thread"])]
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=thread"])]
    target.linkerSettings = (target.linkerSettings ?? []) + [.unsafeFlags(["-sanitize=thread"])]
  }
}
