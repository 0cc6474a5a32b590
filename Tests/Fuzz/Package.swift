// swift-tools-version: 6.2
import PackageDescription

// The layers below HTTP, compiled for libFuzzer with AddressSanitizer, and a fuzz target over their parsers. A package of its own: these flags
// would make the server's package unusable as a dependency. `tools/fuzz` builds and runs it.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer,address"]),
]
func swift(_ name: String) -> Target {
    .target(name: name, path: "Layers/\(name)", swiftSettings: swiftSettings)
}
func clang(_ name: String, libraries: [String] = []) -> Target {
    let flags = ["-fsanitize=fuzzer-no-link,address"]
    return .target(
        name: name, path: "Layers/\(name)", cSettings: [.unsafeFlags(flags)], cxxSettings: [.unsafeFlags(flags)],
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

let targets: [Target] = [
    swift("VectorModel"), clang("CByteCoding"), .systemLibrary(name: "CLZ4", path: "Layers/CLZ4", pkgConfig: "liblz4"), swift("ByteCoding"),
    clang("CVectorKernels"), swift("VectorKernels"), swift("FileIO"), swift("ColumnStore"),
    swift("Quantization"), clang("CTextAnalysis", libraries: ["stemmer", "utf8proc"]), swift("TextSearch"),
    clang("CRegularExpressions", libraries: ["re2"]), swift("Filtering"), swift("Indexes"), swift("Durability"), swift("Segments"),
    clang("CAllocator"), swift("Engine"), clang("CJSON", libraries: ["simdjson"]),
    swift("ChromaWire"),
    .executableTarget(
        name: "fuzz-parsers", path: "Parsers", swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
]
// Each may use those before it; which of them it does use is the business of the server's manifest.
for (place, target) in targets.enumerated() where target.swiftSettings != nil {
    target.dependencies = targets[..<place].map { .byName(name: $0.name) }
}

let package = Package(name: "fuzz", targets: targets, cxxLanguageStandard: .cxx17)
