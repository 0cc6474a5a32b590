import BenchSupport
import LyricaClient
import TestSupport
import Testing

@Suite struct SyntheticVectorsTests {
    @Test func sameSeedSameVectors() throws {
        let vectors = try SyntheticVectors(parsing: "500,12,7")
        #expect(vectors.rowCount == 500 && vectors.dimension == 12 && vectors.clusters == 7)
        func rows(seed: UInt64) throws -> [[Float]] {
            VectorFileTests.content(try vectors.generate(seed: seed, extraRows: 3, progress: .silent))
        }
        #expect(try rows(seed: 1).count == 503)
        #expect(try rows(seed: 1) == rows(seed: 1))
        #expect(try rows(seed: 1) != rows(seed: 2))
    }

    @Test(arguments: Seeds.some(2)) func oneClusterIsNormal(seed: UInt64) throws {
        let matrix = try SyntheticVectors(parsing: "4000,8").generate(seed: seed, extraRows: 0, progress: .silent)
        #expect(matrix.firstRowNotFinite() == nil)
        let rows = VectorFileTests.content(matrix)
        // Each column lies around its centre with a deviation of 0.25 to 0.75, strays aside.
        for column in 0..<8 {
            let values = rows.map { Double($0[column]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect((0.2...1).contains(variance.squareRoot()), "column \(column), \(Seeds.replay(seed))")
        }
    }

    @Test(arguments: ["", "5", "5,", "0,3", "5,-3", "5,3,0", "5,3,6", "5,3,1,1", "a,3", "5, 3", "4294967296,3", "99999999999999999999,3"])
    func refusesOtherTexts(text: String) {
        #expect(throws: ClientError.self) { try SyntheticVectors(parsing: text) }
    }
}
