import Quantization
import TestSupport
import Testing
import VectorKernels
import VectorModel

/// Screening, as exact search uses it: no row is dropped whose distance, as a scan of the floats computes it, is within the threshold.
@Suite struct CodeScreenTests {
    @Test(arguments: Seeds.some(40), Metric.allCases)
    func noRowWithinTheThresholdIsDropped(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: 1...300, using: &generator)
        let query = Vectors.random(dimension, &generator)
        let rows = (0..<60).map { index in
            index % 2 == 0 ? Vectors.random(dimension, &generator) : Vectors.near(index % 4 == 1 ? query : query.map { -$0 }, &generator)
        } + [query, query.map { -$0 }, Vectors.scaled(query, by: 0.5)]
        for kernels in VectorKernels.available() {
            guard let screen = Screen(query, metric, rows, kernels) else { return }
            for (index, row) in rows.enumerated() {
                let distance = scannedDistance(query, row, metric, kernels)
                // Distances that overflow are computed again in double precision by a search, and are never dropped.
                for threshold in distance.isFinite ? [distance, distance.nextUp, .infinity] : [0, 1, .infinity] {
                    #expect(screen.keeps(index, threshold), "row \(index), threshold \(threshold), \(kernels); \(Seeds.replay(seed))")
                }
            }
        }
    }

    /// Keeping every row would hold that promise too.
    @Test(arguments: Seeds.some(5), Metric.allCases)
    func rowsBeyondTheThresholdAreDropped(seed: UInt64, metric: Metric) throws {
        var generator = SeededGenerator(seed: seed)
        let query = Vectors.scaled(generator.vector(384), by: 0.09)
        let rows = (0..<60).map { _ in Vectors.scaled(generator.vector(384), by: 0.09) }
        for kernels in VectorKernels.available() {
            let screen = try #require(Screen(query, metric, rows, kernels))
            for (index, row) in rows.enumerated() {
                let distance = scannedDistance(query, row, metric, kernels)
                #expect(!screen.keeps(index, distance - (metric == .l2 ? 0.05 : 0.025)), "row \(index), \(kernels); \(Seeds.replay(seed))")
            }
        }
    }

    @Test(arguments: Metric.allCases, VectorKernels.available())
    func rowsWithoutUsableCodesAreNeverDropped(metric: Metric, kernels: VectorKernels) throws {
        let rows = [Float.greatestFiniteMagnitude, 0x1p-100, .nan, .infinity].map { [Float](repeating: $0, count: 70) }
        let screen = try #require(Screen([Float](repeating: 1, count: 70), metric, rows, kernels))
        for index in rows.indices { #expect(screen.keeps(index, -1e30)) }
    }

    /// At most 64 rows and one query, packed.
    private final class Screen {
        private let terms: CodeScreen
        private let metric: Metric
        private let kernels: VectorKernels
        private let steps: Int
        private let stride: Int
        private var queryCodes: [Int8]
        private var rowTerms = [Float](repeating: 0, count: 3 * VectorKernels.screenRows)
        private let tile: UnsafeMutablePointer<Int8>

        init?(_ query: [Float], _ metric: Metric, _ rows: [[Float]], _ kernels: VectorKernels) {
            let codes = query.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric, dimensionMin: 1) }
            guard let codes else { return nil }
            stride = codes.stride
            var queryCodes = [Int8](repeating: 0, count: codes.stride)
            terms = codes.screen(copyingCodesTo: &queryCodes)
            (self.queryCodes, self.metric, self.kernels) = (queryCodes, metric, kernels)
            steps = VectorKernels.screenSteps(dimension: query.count)
            let bytes = VectorKernels.screenTileBytes(steps: steps)
            tile = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).initializeMemory(as: Int8.self, repeating: 0, count: bytes)
            let encoded = rows.map { Encoded($0) }
            for (index, row) in encoded.enumerated() {
                let terms = CodeScreen.row(row.parameters, metric)
                (rowTerms[index], rowTerms[64 + index], rowTerms[128 + index]) = (terms.scale, terms.norm, terms.error)
            }
            kernels.packScreen(
                base: encoded.flatMap(\.codes), stride: codes.stride, ordinals: rows.indices.map { UInt32($0) }, count: rows.count, steps: steps,
                tile: tile)
        }

        deinit { tile.deallocate() }

        func keeps(_ row: Int, _ threshold: Float) -> Bool {
            var mask: UInt64 = 0
            kernels.screen(
                queries: queryCodes, stride: stride, terms: [terms.terms(threshold: threshold)], count: 1, tile: tile, rows: rowTerms,
                steps: steps, isSquared: CodeScreen.isSquared(metric), into: &mask)
            return mask >> UInt64(row) & 1 == 1
        }
    }
}
