import ArgumentParser
import BenchSupport

/// The kinds of index that can be measured.
enum IndexName: String, CaseIterable, ExpressibleByArgument {
    case flat, hnsw, ivf
}

/// Which index, and with which settings it is searched.
struct IndexOptions: ParsableArguments {
    @Option(help: "flat (exact), hnsw or ivf.") var index: IndexName
    @Option(name: .customLong("M"), help: "hnsw: links per node of the upper layers.") var M = 16
    @Option(help: "hnsw: candidates kept for a node while it is linked.") var efConstruction = 100
    @Option(help: "ivf: lists; without it chosen from the number of rows.") var nlist: Int?
    @Option(
        parsing: .upToNextOption,
        help: .init("Values of efSearch (hnsw) or nprobe (ivf), with commas between; without it a usual range.", valueName: "values"))
    var sweep: [String] = []
    @Option(
        help: .init(
            "Candidates whose distances are computed from the floats, with commas between; without it as many as the server takes.",
            valueName: "values"))
    var rerank: String?
    @Option(help: "flat: queries that are answered together.") var batch = 1
    @Flag(inversion: .prefixedNo, help: "flat: look at 8-bit codes first; the answers are the same.") var codes = true

    /// `nil` for exact search.
    var recipe: IndexRecipe? {
        switch index {
        case .flat: nil
        case .hnsw: .hnsw(M: M, efConstruction: efConstruction)
        case .ivf: .ivf(nlist: nlist)
        }
    }

    func validate() throws {
        try Self.require(M, in: IndexRecipe.MRange, "--M")
        try Self.require(efConstruction, in: IndexRecipe.efConstructionRange, "--ef-construction")
        try Self.require(nlist ?? 1, in: 1...10_000_000, "--nlist")
        try Self.require(batch, in: 1...100_000, "--batch")
        if index != .flat, batch != 1 { throw ValidationError("--batch goes with --index flat") }
        _ = try efforts()
        _ = try reranks()
    }

    /// The values of `--sweep`; `nil`: the usual ones.
    func efforts() throws -> [Int]? { sweep.isEmpty ? nil : try Self.numbers(sweep.joined(separator: ","), "--sweep") }

    /// The values of `--rerank`; `nil`: what the index asks for.
    func reranks() throws -> [Int]? { try rerank.map { try Self.numbers($0, "--rerank") } }

    private static func require(_ value: Int, in range: ClosedRange<Int>, _ option: String) throws {
        guard range.contains(value) else { throw ValidationError("\(option) is from \(range.lowerBound) to \(range.upperBound)") }
    }

    private static func numbers(_ text: String, _ option: String) throws -> [Int] {
        let numbers = text.split(separator: ",").map { Int($0) }
        guard !numbers.isEmpty, numbers.allSatisfy({ (1...1_000_000).contains($0 ?? 0) }) else {
            throw ValidationError("\(option) takes numbers from 1 to 1000000 with commas between")
        }
        return numbers.compactMap(\.self)
    }
}
