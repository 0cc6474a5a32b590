import BenchSupport
import LyricaClient
import Testing
import VectorModel

@Suite struct VectorFileTests {
    static let rows: [[Float]] = [[1, -2.5, 0.25], [0, 3, 4], [-1, 0.5, 2]]

    static func read(_ bytes: [UInt8], _ format: EmbeddingFormat, limit: Int? = nil) throws(ClientError) -> VectorMatrix {
        try VectorFile.read(try EmbeddingFile(MemoryBytes(bytes), format: format), limit: limit, progress: .silent)
    }

    static func content(_ matrix: VectorMatrix) -> [[Float]] { (0..<matrix.rowCount).map { Array(matrix.row($0)) } }

    @Test func readsFloatsAndHalves() throws {
        #expect(Self.content(try Self.read(BenchFiles.fbin(Self.rows), .fbin)) == Self.rows)
        let floats = BenchFiles.npy(descriptor: "<f4", rows: 3, columns: 3, data: BenchFiles.bytes(Self.rows.flatMap { $0 }))
        #expect(Self.content(try Self.read(floats, .npy)) == Self.rows)
        let halves = BenchFiles.bytes(Self.rows.flatMap { $0 }.map { Float16($0).bitPattern })
        #expect(Self.content(try Self.read(BenchFiles.npy(descriptor: "<f2", rows: 3, columns: 3, data: halves), .npy)) == Self.rows)
    }

    @Test func readsNoMoreThanTheLimit() throws {
        #expect(Self.content(try Self.read(BenchFiles.fbin(Self.rows), .fbin, limit: 2)) == Array(Self.rows[..<2]))
        #expect(try Self.read(BenchFiles.fbin(Self.rows), .fbin, limit: 9).rowCount == 3)
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan]) func namesTheRowThatHasNoDistance(value: Float) {
        var rows = Self.rows
        rows[1][2] = value
        let error = #expect(throws: ClientError.self) { try Self.read(BenchFiles.fbin(rows), .fbin) }
        #expect(error?.message.contains("row 2 ") == true)
    }

    @Test func refusesWhatCannotBeSearched() {
        #expect(throws: ClientError.self) { try Self.read(BenchFiles.bytes([UInt32(0), 4]), .fbin) }
        let wide = Limits.standard.dimension + 1
        #expect(throws: ClientError.self) { try Self.read(BenchFiles.fbin([[Float](repeating: 0, count: wide)]), .fbin) }
    }

    @Test func slicesShareTheRows() throws {
        let matrix = try Self.read(BenchFiles.fbin(Self.rows), .fbin)
        let slice = matrix.slice(1..<3).slice(1..<2)
        #expect(Self.content(slice) == [Self.rows[2]])
        #expect(withExtendedLifetime(slice) { Array(slice.floats) } == Self.rows[2])
    }

    @Test func refusesMoreThanTheMachineHolds() {
        #expect(throws: ClientError.self) { try VectorMatrix(rowCount: .max / 8, dimension: 1) { _ in } }
        #expect(throws: ClientError.self) { try VectorMatrix(rowCount: .max, dimension: 65_535) { _ in } }
    }
}

@Suite struct DatasetSourceTests {
    @Test(arguments: [("some.rows.fbin", "some"), ("/data/glosses/base.npy", "glosses"), ("base.npy", "base"), ("data/base.fvecs", "data")])
    func dataIsCalledByItsFileOrFolder(path: String, name: String) {
        #expect(DatasetSource.stem(of: path) == name)
    }

    @Test func lastRowsBecomeQueries() throws {
        let folder = try TemporaryFolder()
        let base = try folder.write(BenchFiles.fbin(VectorFileTests.rows), as: "some.rows.fbin")
        let data = try DatasetSource(origin: .files(base: base, queries: nil, truth: nil), metric: .cosine, heldOut: 1).load(progress: .silent)
        #expect(data.name == "some")
        #expect(data.metric == .cosine)
        #expect(VectorFileTests.content(data.base) == Array(VectorFileTests.rows[..<2]))
        #expect(VectorFileTests.content(data.queries) == [VectorFileTests.rows[2]])
        #expect(throws: ClientError.self) {
            try DatasetSource(origin: .files(base: base, queries: nil, truth: nil), heldOut: 3).load(progress: .silent)
        }
    }

    @Test func readsQueriesAndTruth() throws {
        let folder = try TemporaryFolder()
        let base = try folder.write(BenchFiles.fbin(VectorFileTests.rows), as: "base.fbin")
        let queries = try folder.write(BenchFiles.fbin([[1, 2, 3], [4, 5, 6]]), as: "queries.fbin")
        let truth = try folder.write(BenchFiles.ivecs([[2, 0], [1, 2]]), as: "truth.ivecs")
        var source = DatasetSource(origin: .files(base: base, queries: queries, truth: truth))
        #expect(try source.load(progress: .silent).truth?.neighbors(of: 1) == [1, 2])
        // With fewer rows it no longer holds.
        source.limit = 2
        #expect(try source.load(progress: .silent).truth == nil)
        source.limit = nil
        source.queryLimit = 1
        #expect(try source.load(progress: .silent).queries.rowCount == 1)
    }

    @Test func refusesPartsThatDoNotFit() throws {
        let folder = try TemporaryFolder()
        let base = try folder.write(BenchFiles.fbin(VectorFileTests.rows), as: "base.fbin")
        let narrow = try folder.write(BenchFiles.fbin([[1, 2]]), as: "narrow.fbin")
        let queries = try folder.write(BenchFiles.fbin([[1, 2, 3], [4, 5, 6]]), as: "queries.fbin")
        let short = try folder.write(BenchFiles.ivecs([[2, 0]]), as: "short.ivecs")
        for (queries, truth) in [(narrow, nil), (queries, short), (folder.path(of: "none.fbin"), nil), (queries, base)] {
            #expect(throws: ClientError.self) {
                try DatasetSource(origin: .files(base: base, queries: queries, truth: truth)).load(progress: .silent)
            }
        }
    }
}
