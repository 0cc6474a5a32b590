import BenchSupport
import FoundationEssentials
import LyricaClient
import TestSupport
import Testing
import VectorModel

@Suite struct HDF5LibraryTests {
    @Test func missingLibraryNamesThePackage() {
        let error = #expect(throws: ClientError.self) { try HDF5Library(fileNames: ["libhdf5-of-nobody.so"]) }
        #expect(error?.message.contains("libhdf5-103-1") == true)
    }

    @Test func otherLibraryIsRefused() {
        // Every process has it, and it has none of the functions.
        #expect(throws: ClientError.self) { try HDF5Library(fileNames: ["libc.so.6"]) }
    }
}

/// The files are made by `Fixtures/make.py`. Without the HDF5 library there is nothing to test.
@Suite(.serialized, .enabled(if: HDF5Library.isInstalled, "needs Debian's libhdf5-103-1")) struct AnnBenchmarksFileTests {
    static func fixture(_ name: String) -> String { Repository.path("Tests/BenchSupportTests/Fixtures/\(name).hdf5") }

    static var rows: [[Float]] { (0..<20).map { [Float($0), Float($0 * 7 % 5), -Float($0) / 4] } }

    @Test func readsWhatAnnBenchmarksWrites() throws {
        let file = try AnnBenchmarksFile(path: Self.fixture("euclidean"))
        #expect(file.metric == .l2)
        #expect(VectorFileTests.content(try file.base(limit: nil, progress: .silent)) == Self.rows)
        #expect(VectorFileTests.content(try file.base(limit: 11, progress: .silent)) == Array(Self.rows[..<11]))
        #expect(VectorFileTests.content(try file.queries(limit: nil, progress: .silent)) == [[3.1, 1, -0.7], [15.2, 0, -3.9]])
        let truth = try #require(try file.neighbors())
        #expect(truth.neighbors(of: 0) == [3, 4, 5, 1, 6])
        #expect(truth.neighbors(of: 1) == [15, 16, 13, 18, 14])
    }

    @Test func readsOtherWidthsAndFixedTexts() throws {
        let file = try AnnBenchmarksFile(path: Self.fixture("angular"))
        #expect(file.metric == .cosine)
        #expect(VectorFileTests.content(try file.base(limit: nil, progress: .silent)) == Self.rows)
        #expect(VectorFileTests.content(try file.queries(limit: 1, progress: .silent)) == [[3.1, 1, -0.7]])
        #expect(try file.neighbors() == nil)
    }

    @Test func truthAgreesWithExactSearch() throws {
        let data = try DatasetSource(origin: .annBenchmarks(Self.fixture("euclidean"))).load(progress: .silent)
        let rows = try BaseRows(data.base, metric: data.metric, encodes: true)
        let told = try ExactDistances(try #require(data.truth), of: data, k: 5)
        let found = try ExactDistances(searching: rows, of: data, k: 5, threads: 2, progress: .silent)
        #expect(told.farthest == found.farthest)
        // Of another metric, or of fewer rows, the file's truth is none.
        #expect(try DatasetSource(origin: .annBenchmarks(Self.fixture("euclidean")), metric: .cosine).load(progress: .silent).truth == nil)
        #expect(try DatasetSource(origin: .annBenchmarks(Self.fixture("euclidean")), limit: 9).load(progress: .silent).truth == nil)
    }

    @Test func refusesWhatItCannotRead() throws {
        #expect(throws: ClientError.self) { try AnnBenchmarksFile(path: Self.fixture("refused")) }
        #expect(throws: ClientError.self) { try AnnBenchmarksFile(path: Self.fixture("missing")) }
        let file = try HDF5File(path: Self.fixture("refused"))
        #expect(throws: ClientError.self) { try file.vectors("train", progress: .silent) }
        #expect(throws: ClientError.self) { try file.vectors("test", progress: .silent) }
        #expect(throws: ClientError.self) { try file.neighbors("none", baseRows: 2) }
        #expect(try file.text("none") == nil)
        // Floats are no row numbers.
        #expect(throws: ClientError.self) { try HDF5File(path: Self.fixture("euclidean")).neighbors("distances", baseRows: 20) }
    }

    @Test func refusesFilesThatWereCut() throws {
        let folder = try TemporaryFolder()
        let whole = Array(try Data(contentsOf: URL(filePath: Self.fixture("euclidean"))))
        for length in stride(from: 0, to: whole.count, by: 97) {
            let path = try folder.write(Array(whole[..<length]), as: "cut.hdf5")
            #expect(throws: ClientError.self, "cut to \(length) bytes") { try AnnBenchmarksFile(path: path) }
        }
    }
}
