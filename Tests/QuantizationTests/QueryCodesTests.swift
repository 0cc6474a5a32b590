import Quantization
import TestSupport
import Testing
import VectorKernels
import VectorModel

@Suite struct QueryCodesTests {
    private let dimension = 70

    /// The promise on which exact search rests: whatever a scan of the floats computes is not below the bound.
    @Test(arguments: Seeds.some(60), Metric.allCases)
    func noDistanceIsBelowItsBounds(seed: UInt64, metric: Metric) {
        var generator = SeededGenerator(seed: seed)
        let dimension = Int.random(in: ScalarQuantizer8.dimensionMin...300, using: &generator)
        let query = Vectors.random(dimension, &generator)
        guard let codes = query.withUnsafeBufferPointer({ QueryCodes(query: $0, metric: metric) }) else { return }
        let rows = (0..<60).map { index in
            index % 2 == 0 ? Vectors.random(dimension, &generator) : Vectors.near(index % 4 == 1 ? query : query.map { -$0 }, &generator)
        } + [query, query.map { -$0 }, Vectors.scaled(query, by: 0.5)]
        let bounds = bounds(codes, rows)
        for kernels in VectorKernels.available() {
            for (index, row) in rows.enumerated() {
                let distance = scannedDistance(query, row, metric, kernels)
                // Distances that overflow are computed again in double precision by a search, and are bounded by −∞.
                guard distance.isFinite else { continue }
                #expect(bounds.coarse[index] <= distance, "row \(index), \(kernels); \(Seeds.replay(seed))")
                #expect(bounds.fine[index] <= distance, "row \(index), \(kernels); \(Seeds.replay(seed))")
            }
        }
    }

    /// A bound of −∞ would keep that promise too. For ordinary vectors it must be near, and the fine one nearer.
    @Test(arguments: Seeds.some(5), Metric.allCases)
    func boundsAreTight(seed: UInt64, metric: Metric) throws {
        var generator = SeededGenerator(seed: seed)
        let query = Vectors.scaled(generator.vector(384), by: 0.09)
        let rows = (0..<50).map { _ in Vectors.scaled(generator.vector(384), by: 0.09) }
        let codes = try #require(query.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric) })
        let bounds = bounds(codes, rows)
        // The vectors are about as long as 1, and lose a hundredth or less of that.
        let slack: (coarse: Float, fine: Float) = metric == .l2 ? (0.05, 0.025) : (0.025, 0.0125)
        for (index, row) in rows.enumerated() {
            let distance = scannedDistance(query, row, metric, .active)
            #expect(distance - bounds.coarse[index] < slack.coarse, "\(Seeds.replay(seed))")
            #expect(distance - bounds.fine[index] < slack.fine, "\(Seeds.replay(seed))")
        }
    }

    @Test(arguments: Metric.allCases)
    func rowsWithoutUsableCodesAreNeverRuledOut(metric: Metric) throws {
        let query = [Float](repeating: 1, count: dimension)
        let codes = try #require(query.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric) })
        let rows = [Float.greatestFiniteMagnitude, 0x1p-100, .nan, .infinity].map { [Float](repeating: $0, count: dimension) }
        let bounds = bounds(codes, rows)
        #expect(bounds.coarse.allSatisfy { $0 == -.infinity } && bounds.fine.allSatisfy { $0 == -.infinity })
    }

    @Test(arguments: Metric.allCases)
    func aQueryOfNoUseHasNoCodes(metric: Metric) {
        for value: Float in [0, 0x1p-100, 0x1p100, .greatestFiniteMagnitude, .nan, .infinity] {
            let query = [Float](repeating: value, count: dimension)
            #expect(query.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric) } == nil)
        }
        let short = [Float](repeating: 1, count: ScalarQuantizer8.dimensionMin - 1)
        #expect(short.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric) } == nil)
        let empty: [Float] = []
        #expect(empty.withUnsafeBufferPointer { QueryCodes(query: $0, metric: metric) } == nil)
    }

    /// Gathered and contiguous bounds are the same numbers; every instruction set gives the same products.
    private func bounds(
        _ query: QueryCodes, _ rows: [[Float]], sourceLocation: SourceLocation = #_sourceLocation
    ) -> (coarse: [Float], fine: [Float]) {
        let encoded = rows.map { Encoded($0) }
        let (codes, parameters) = (encoded.flatMap(\.codes), encoded.map(\.parameters))
        let ordinals = rows.indices.map { UInt32($0) }
        let noBounds = [Float](repeating: 0, count: rows.count)
        let noProducts = [Int32](repeating: 0, count: rows.count)
        var (coarse, gathered, fine) = (noBounds, noBounds, noBounds)
        for kernels in VectorKernels.available() {
            var (products, gatheredProducts, fineProducts) = (noProducts, noProducts, noProducts)
            query.coarseProducts(rows: codes, count: rows.count, kernels: kernels, into: &products)
            query.coarseProducts(base: codes, ordinals: ordinals, count: rows.count, kernels: kernels, into: &gatheredProducts)
            query.fineProducts(base: codes, ordinals: ordinals, count: rows.count, kernels: kernels, into: &fineProducts)
            let before = fine
            query.coarseBounds(products: products, parameters: parameters, count: rows.count, into: &coarse)
            query.coarseBounds(products: gatheredProducts, parameters: parameters, ordinals: ordinals, count: rows.count, into: &gathered)
            query.fineBounds(
                coarseProducts: products, fineProducts: fineProducts, parameters: parameters, ordinals: ordinals, count: rows.count, into: &fine)
            #expect(coarse == gathered, sourceLocation: sourceLocation)
            #expect(kernels.instructionSet == .scalar || fine == before, sourceLocation: sourceLocation)
        }
        return (coarse, fine)
    }
}
