// swift-tools-version: 6.2
import PackageDescription

/// Test targets run on known input and may use Foundation, which strict memory safety does not suit.
let testSettings: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"),
    // A method that only reads one element of an inline array would copy the whole of it without.
    .enableExperimentalFeature("AddressableParameters"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The compiler settings of every other Swift target. None of them is an unsafe flag.
let settings: [SwiftSetting] = [.strictMemorySafety()] + testSettings

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name)] + dependencies,
        exclude: exclude, swiftSettings: testSettings)
}

/// The way of a packet: Capture, Wire, Tracking with TCPState, Diagnosis, Reports; Analysis joins them.
let package = Package(
    name: "wirestate",
    products: [
        .executable(name: "wirestate", targets: ["wirestate"]),
        .library(name: "Capture", targets: ["Capture"]),
        .library(name: "Wire", targets: ["Wire"]),
        .library(name: "TCPState", targets: ["TCPState"]),
        .library(name: "Tracking", targets: ["Tracking"]),
        .library(name: "Diagnosis", targets: ["Diagnosis"]),
        .library(name: "Reports", targets: ["Reports"]),
        .library(name: "Analysis", targets: ["Analysis"]),
        // All that the fuzz targets run, for Scripts/fuzz to link with libFuzzer.
        .library(name: "Fuzzing", type: .static, targets: ["Fuzzing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CMemory"),
        library("Capture", ["Coding", "CPcap", "CZlib", "CZstd", "POSIX", "Wire"]),
        library("Wire"),
        library("Coding", ["Wire"]),
        library("POSIX"),
        library("Memory", ["CMemory"]),
        library("TCPState", ["Coding", "Memory", "Wire"]),
        library("Diagnosis", ["Coding", "TCPState", "Wire"]),
        library("Tracking", ["Coding", "Memory", "Wire", "TCPState"]),
        library("Comparison", ["Wire", "TCPState"]),
        library("Hashing", ["CCrypto", "Wire"]),
        library(
            "Reports", ["POSIX", "Wire", "TCPState", "Diagnosis", "Comparison", "Hashing"]),
        library("Arguments", ["Hashing", "POSIX", "Wire", "TCPState", "Diagnosis", "Reports"]),
        library("Storage", ["CSQLite", "Wire", "TCPState", "Diagnosis", "Hashing", "Reports"]),
        .target(
            name: "HTMLReport",
            dependencies: [
                "Wire", "TCPState", "Diagnosis", "Comparison", "Hashing", "Reports",
            ],
            resources: [.embedInCode("Web/report.css"), .embedInCode("Web/report.js")],
            swiftSettings: settings),
        library(
            "Analysis",
            [
                "Capture", "Coding", "Comparison", "Memory", "POSIX", "Wire", "TCPState",
                "Tracking",
                "Diagnosis", "Reports", "Host",
            ]),
        library("Host", ["CLinux", "CSeccomp", "POSIX", "Wire", "TCPState"]),
        library("Monitoring", ["Memory", "Wire", "TCPState", "Tracking", "Diagnosis", "Reports"]),
        library(
            "Documents",
            [
                "Analysis", "Arguments", "Capture", "Comparison", "Diagnosis", "Hashing", "Host",
                "HTMLReport", "POSIX", "Reports", "Storage", "TCPState", "Tracking", "Wire",
            ]),
        library("HTTP"),
        library(
            "Live",
            [
                "Analysis", "Capture", "Diagnosis", "Host", "Memory", "Monitoring", "POSIX",
                "Reports", "TCPState", "TerminalUI", "Tracking", "WebPage", "Wire",
            ]),
        .target(
            name: "WebPage",
            dependencies: [
                "Analysis", "Capture", "Diagnosis", "HTTP", "HTMLReport", "Monitoring", "Reports",
                "TCPState", "Tracking", "Wire",
            ],
            resources: [
                .embedInCode("Web/page.css"), .embedInCode("Web/page.js"),
                .embedInCode("Web/icon.svg"),
            ],
            swiftSettings: settings),
        // The one target that imports SwiftNIO.
        .target(
            name: "HTTPServer",
            dependencies: [
                "HTTP", "POSIX",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),
        library("TerminalUI", ["Wire", "TCPState", "Diagnosis", "Reports"]),
        .executableTarget(
            name: "wirestate",
            dependencies: [
                "Analysis", "Arguments", "Capture", "Comparison", "Wire", "TCPState", "Tracking",
                "Diagnosis", "Reports", "Host", "TerminalUI", "POSIX", "Hashing", "HTMLReport", "Documents",
                "HTTP", "HTTPServer", "Live", "Monitoring", "WebPage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // Never shipped.
        library("TestKit", ["Wire", "TCPState"]),
        .target(name: "CAllocations"),
        .executableTarget(
            name: "Benchmarks", dependencies: ["CPcap", "TestKit", "Wire"],
            swiftSettings: settings),
        library(
            "Fuzzing",
            [
                "TestKit", "POSIX", "Capture", "Coding", "Wire", "TCPState", "Tracking",
                "Diagnosis", "Comparison", "Reports",
            ]),
        tests("Capture", ["TestKit", "POSIX", "Wire", "CZlib", "CZstd"]),
        tests("Fuzzing", ["TestKit"], exclude: ["Corpus"]),
        tests("Wire", ["TestKit"]),
        tests("Coding", ["Wire"]),
        tests("POSIX", []),
        tests("Memory", ["TestKit"]),
        tests("TCPState", ["TestKit", "Wire"]),
        tests("Diagnosis", ["TestKit", "Wire", "TCPState"]),
        tests(
            "Tracking",
            ["TestKit", "CAllocations", "Coding", "Wire", "TCPState", "Capture", "Diagnosis"]),
        tests("Comparison", ["TestKit", "Wire", "TCPState"]),
        tests("Hashing", ["Wire"]),
        tests(
            "Analysis",
            ["TestKit", "Coding", "POSIX", "Wire", "TCPState", "Tracking", "Diagnosis", "Reports"]),
        tests("Host", ["Wire", "TCPState"]),
        tests("Arguments", ["Wire", "TCPState", "Diagnosis", "Reports"]),
        tests(
            "Documents",
            ["Analysis", "Arguments", "Capture", "Diagnosis", "Reports", "TCPState", "Wire"]),
        tests("HTTP", ["HTTPServer"]),
        tests(
            "Live",
            [
                "TestKit", "Analysis", "Capture", "Diagnosis", "Host", "POSIX", "Reports",
                "TCPState", "Tracking", "Wire",
            ]),
        tests("Monitoring", ["TestKit", "Wire", "TCPState", "Diagnosis", "Reports"]),
        tests("TerminalUI", ["Wire", "TCPState", "Diagnosis", "Reports"]),
        tests("Reports", ["TestKit", "POSIX", "Wire", "TCPState", "Diagnosis"]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["TestKit", "wirestate", "Diagnosis", "Reports", "TCPState", "Wire"],
            exclude: ["Text/Golden"], swiftSettings: testSettings),
    ]
)

// The documentation: WIRESTATE_DOCS=1 swift package generate-documentation --target wirestate
if Context.environment["WIRESTATE_DOCS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// One test target alone: WIRESTATE_TEST_TARGET=TrackingTests swift build -c release --build-tests
if let name = Context.environment["WIRESTATE_TEST_TARGET"] {
    package.targets.removeAll { $0.isTest && $0.name != name }
}
