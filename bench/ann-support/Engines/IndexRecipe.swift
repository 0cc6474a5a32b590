package import Indexes
package import LyricaClient

/// Which approximate index to build, and how.
package enum IndexRecipe: Sendable {
    case hnsw(M: Int, efConstruction: Int)
    /// - Parameter nlist: `nil`: chosen from the number of rows.
    case ivf(nlist: Int?)

    /// What can be asked for.
    package static var MRange: ClosedRange<Int> { HNSWParameters.MRange }
    package static var efConstructionRange: ClosedRange<Int> { HNSWParameters.efConstructionRange }

    /// The name in results.
    package var name: String {
        switch self {
        case .hnsw: "hnsw"
        case .ivf: "ivf"
        }
    }

    /// What the effort of a search is called.
    package var effortName: String {
        switch self {
        case .hnsw: "efSearch"
        case .ivf: "nprobe"
        }
    }

    /// As results tell it.
    package func parameters(seed: UInt32) -> JSONObject {
        switch self {
        case .hnsw(let M, let efConstruction):
            JSONObject([
                .init("M", .integer(Int64(M))), .init("efConstruction", .integer(Int64(efConstruction))), .init("seed", .integer(Int64(seed))),
            ])
        case .ivf(let nlist):
            JSONObject([.init("nlist", nlist.map { .integer(Int64($0)) } ?? .null), .init("seed", .integer(Int64(seed)))])
        }
    }

    /// How many candidates are compared exactly where nobody says.
    package func proposalCount(k: Int) -> Int {
        switch self {
        case .hnsw: HNSWIndex.proposalCount(k: k)
        case .ivf: IVFIndex.proposalCount(k: k)
        }
    }

    /// Efforts from too small to ample, about a factor of 1.2 apart where the usual goals lie.
    package func usualEfforts(atLeast proposals: Int) -> [Int] {
        switch self {
        case .hnsw:
            // A search keeps at least what it returns.
            [proposals] + [16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 256, 384, 512, 768, 1_024].filter { $0 > proposals }
        case .ivf(let nlist): [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 512].filter { $0 <= nlist ?? .max }
        }
    }

    /// Builds it over all rows.
    package func build(_ rows: BaseRows, seed: UInt32, threads: Int, progress style: ProgressReporter.Style) -> any ImageIndex {
        let matrix = rows.matrix
        let source = IndexSource<Never>(metric: rows.metric, dimension: matrix.dimension, ordinals: (0..<UInt32(matrix.rowCount)).map { $0 }) {
            // SAFETY: the index gives room for `dimension` floats.
            $1.update(from: matrix.row(Int($0)).baseAddress.unsafelyUnwrapped, count: matrix.dimension)
        }
        let progress = BuildProgress(style: style, rowCount: matrix.rowCount)
        defer { progress.finish() }
        let build = IndexBuild<Never>(seed: UInt64(seed), threads: threads) { progress.advance(to: $0) }
        switch self {
        case .hnsw(let M, let efConstruction):
            return HNSWIndex.build(source, HNSWParameters(M: M, efConstruction: efConstruction), build)
        case .ivf(let nlist):
            return IVFIndex.build(source, IVFParameters(nlist: nlist), build)
        }
    }

    /// Takes up an image that was saved.
    /// - Throws: `ClientError.file` when it is none of this kind or damaged.
    package func load(path: String, rowCount: Int) throws(ClientError) -> any ImageIndex {
        let image = try ImageFile.read(path: path)
        do {
            switch self {
            case .hnsw: return try HNSWIndex(image, ordinalBound: rowCount)
            case .ivf: return try IVFIndex(image, ordinalBound: rowCount)
            }
        } catch {
            throw .file(path: path, problem: "is no usable \(name) index: \(error)")
        }
    }
}

/// An index that can be written to a file.
package protocol ImageIndex: VectorIndex {
    var image: IndexImage { get }
}

extension HNSWIndex: ImageIndex {}
extension IVFIndex: ImageIndex {}

/// Shows how far a build is, in rows.
private final class BuildProgress {
    private var reporter: ProgressReporter
    private let rowCount: Int

    init(style: ProgressReporter.Style, rowCount: Int) {
        reporter = ProgressReporter(style: style, total: rowCount)
        self.rowCount = rowCount
    }

    func advance(to share: Double) { reporter.advance(to: Int(share * Double(rowCount))) }

    func finish() { reporter.finishIfShown() }
}
