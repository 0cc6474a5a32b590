// swift-tools-version: 6.2
import PackageDescription

// Warnings become errors in the test run only (LYRICA_WERROR=1, set by tools/test): a newer compiler's new warning must not break a user's build.
let warningsAreErrors = Context.environment["LYRICA_WERROR"] == "1"

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

/// One layer of the house. `uses` lists every module it may import: the build refuses others (`--explicit-target-dependency-import-check error`).
func layer(_ name: String, uses: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: uses, path: path, swiftSettings: swiftSettings)
}

func suite(_ layer: String, uses: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(name: "\(layer)Tests", dependencies: [.byName(name: layer), "TestSupport"] + uses, exclude: exclude, swiftSettings: swiftSettings)
}

let package = Package(
    name: "lyrica-vectord",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lyrica-vectord", targets: ["lyrica-vectord"]),
        .executable(name: "lyrica", targets: ["lyrica"]),
        .executable(name: "lyrica-bench", targets: ["lyrica-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.7.0"),
    ],
    targets: [
        // In the order of the layers: a module imports only from those above it.
        layer("VectorModel"),
        .target(name: "CByteCoding"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        layer("ByteCoding", uses: ["CByteCoding", "CLZ4", "VectorModel"]),
        .target(name: "CVectorKernels"),
        layer("VectorKernels", uses: ["CVectorKernels"]),
        layer("FileIO", uses: ["VectorModel", "ByteCoding"]),
        layer("ColumnStore", uses: ["VectorModel"]),
        layer("Quantization", uses: ["CVectorKernels", "VectorKernels", "VectorModel"]),
        .target(name: "CTextAnalysis", linkerSettings: [.linkedLibrary("stemmer"), .linkedLibrary("utf8proc")]),
        layer("TextSearch", uses: ["CTextAnalysis", "ByteCoding", "VectorModel"]),
        .target(name: "CRegularExpressions", linkerSettings: [.linkedLibrary("re2")]),
        layer("Filtering", uses: ["CRegularExpressions", "TextSearch", "ColumnStore", "ByteCoding", "VectorModel"]),
        layer("Indexes", uses: ["Quantization", "VectorKernels", "ByteCoding", "VectorModel"]),
        layer("Durability", uses: ["FileIO", "ByteCoding", "VectorModel"]),
        layer("Segments", uses: ["Durability", "Indexes", "Filtering", "TextSearch", "Quantization", "ColumnStore", "FileIO", "ByteCoding", "VectorModel"]),
        .target(name: "CAllocator"),
        layer("Engine", uses: ["CAllocator", "Segments", "Indexes", "Filtering", "TextSearch", "Durability", "FileIO", "ByteCoding", "VectorModel"]),
        .target(name: "CJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        layer("ChromaWire", uses: ["CJSON", "Engine", "Segments", "Filtering", "TextSearch", "VectorModel"]),
        layer("ChromaHTTP", uses: [
            "CAllocator", "ChromaWire", "Engine", "VectorModel",
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
        ]),
        layer("Server", uses: [
            "ChromaHTTP", "Engine", "Durability", "VectorKernels",
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        ]),
        .executableTarget(name: "lyrica-vectord", dependencies: [
            "Server",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
        ], swiftSettings: swiftSettings),
        layer("LyricaClient", uses: [
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "AsyncHTTPClient", package: "async-http-client"),
            .product(name: "NIOCore", package: "swift-nio"),
        ]),
        .executableTarget(name: "lyrica", dependencies: [
            "LyricaClient", "Engine", "Durability", "VectorModel",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], swiftSettings: swiftSettings),

        .executableTarget(name: "bare-hummingbird", dependencies: [
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "Logging", package: "swift-log"),
        ], path: "bench/bare", swiftSettings: swiftSettings),

        .executableTarget(name: "storage-bench", dependencies: [
            "Engine", "Segments", "Filtering", "Durability", "FileIO", "VectorModel",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], path: "bench/storage", exclude: ["README.md"], swiftSettings: swiftSettings),

        .target(name: "BenchSupport", dependencies: [
            "CAllocator", "LyricaClient", "Durability", "Indexes", "Quantization", "VectorKernels", "VectorModel",
        ], path: "bench/ann-support", swiftSettings: swiftSettings),
        .executableTarget(name: "lyrica-bench", dependencies: [
            "BenchSupport", "LyricaClient", "VectorModel",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], path: "bench/ann", exclude: ["README.md"], swiftSettings: swiftSettings),

        .target(name: "TestSupport", dependencies: ["Durability", "FileIO", "Filtering", "VectorModel"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
        suite("VectorModel"),
        suite("ByteCoding"),
        suite("VectorKernels", exclude: ["neon"]),
        suite("FileIO"),
        suite("ColumnStore", uses: ["VectorModel"]),
        suite("Quantization", uses: ["VectorKernels", "VectorModel"]),
        suite("TextSearch", uses: ["ByteCoding", "VectorModel"]),
        suite("Filtering", uses: ["ByteCoding", "ColumnStore", "TextSearch", "VectorModel"]),
        suite("Indexes", uses: ["Quantization", "VectorModel", "VectorKernels"]),
        suite("Durability", uses: ["FileIO", "ByteCoding", "VectorModel"]),
        suite("Segments", uses: ["ByteCoding", "ColumnStore", "FileIO", "Filtering", "Indexes", "Quantization", "TextSearch", "VectorModel"], exclude: ["Fixtures"]),
        suite("Engine", uses: ["ByteCoding", "Durability", "FileIO", "Filtering", "Segments", "TextSearch", "VectorModel"]),
        suite("ChromaWire", uses: ["Engine", "Segments", "Filtering", "TextSearch", "VectorModel"]),
        suite("ChromaHTTP", uses: ["ChromaWire", .product(name: "HTTPTypes", package: "swift-http-types")]),
        suite("Server", uses: ["ChromaHTTP", "Durability", "Engine", "VectorModel", .product(name: "Logging", package: "swift-log")]),
        suite("LyricaClient"),
        suite("BenchSupport", uses: ["Indexes", "LyricaClient", "VectorModel"], exclude: ["Fixtures"]),
    ],
    cxxLanguageStandard: .cxx17
)
