import Quantization
import VectorKernels
import VectorModel

/// The codes of a batch of queries, one row after the other, and their terms.
final class BatchScreen {
    let dimension: Int
    let metric: Metric
    let kernels: VectorKernels
    /// Codes per query.
    let stride: Int
    // SAFETY: `stride` codes for each query, written in `init` only, freed in `deinit`.
    let codes: UnsafeMutablePointer<Int8>
    /// `nil` for a query of which codes say nothing: it is compared with every row.
    let terms: [CodeScreen?]

    init(_ searches: [FlatSearch], dimension: Int, metric: Metric, kernels: VectorKernels) {
        (self.dimension, self.metric, self.kernels) = (dimension, metric, kernels)
        stride = ScalarQuantizer8.codeStride(dimension: dimension)
        codes = .allocate(capacity: searches.count * stride)
        codes.initialize(repeating: 0, count: searches.count * stride)
        var terms: [CodeScreen?] = []
        terms.reserveCapacity(searches.count)
        for (index, search) in searches.enumerated() {
            terms.append(search.queryCodes?.screen(copyingCodesTo: codes + index * stride))
        }
        self.terms = terms
    }

    deinit { codes.deallocate() }
}
