// swift-tools-version: 6.2
import PackageDescription

// The layers below HTTP and their tests, for the thread and the address sanitizer. A package of its own: neither finds anything in the HTTP
// layers that it would not find here, and these compile in a fraction of the time. `tools/test-sanitizers` builds and runs it.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .define("LYRICA_VISIBLE_LOCKS"),
]
func swift(_ name: String) -> Target {
    .target(name: name, path: "Layers/\(name)", swiftSettings: swiftSettings)
}
func clang(_ name: String, libraries: [String] = []) -> Target {
    .target(name: name, path: "Layers/\(name)", linkerSettings: libraries.map { .linkedLibrary($0) })
}

let layers: [Target] = [
    swift("VectorModel"), clang("CByteCoding"), .systemLibrary(name: "CLZ4", path: "Layers/CLZ4", pkgConfig: "liblz4"), swift("ByteCoding"),
    clang("CVectorKernels"), swift("VectorKernels"), swift("FileIO"), swift("ColumnStore"), swift("Quantization"),
    clang("CTextAnalysis", libraries: ["stemmer", "utf8proc"]), swift("TextSearch"),
    clang("CRegularExpressions", libraries: ["re2"]), swift("Filtering"), swift("Indexes"), swift("Durability"), swift("Segments"),
    clang("CAllocator"), swift("Engine"), .target(name: "TestSupport", path: "Suites/TestSupport", swiftSettings: swiftSettings),
]
// Each may use those before it; which of them it does use is the business of the server's manifest.
for (place, target) in layers.enumerated() where target.swiftSettings != nil {
    target.dependencies = layers[..<place].map { .byName(name: $0.name) }
}
let suites: [Target] = [
    "ByteCoding", "ColumnStore", "FileIO", "Quantization", "TextSearch", "Filtering", "Indexes", "Durability", "Segments", "Engine",
].map { layer in
    .testTarget(
        name: "\(layer)Tests", dependencies: layers.map { .byName(name: $0.name) }, path: "Suites/\(layer)Tests",
        exclude: layer == "Segments" ? ["Fixtures"] : [], swiftSettings: swiftSettings)
}

let package = Package(name: "sanitizers", platforms: [.macOS(.v15)], targets: layers + suites, cxxLanguageStandard: .cxx17)
