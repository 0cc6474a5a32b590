import Indexes
package import LyricaClient
import Quantization
import VectorKernels
package import VectorModel

/// The rows that are searched, with what a segment keeps beside its floats: inverse norms for cosine, and 8-bit codes where they are asked for.
package struct BaseRows: Sendable {
    package let matrix: VectorMatrix
    package let metric: Metric
    private let norms: AlignedMemory?
    private let codes: AlignedMemory?
    private let parameters: AlignedMemory?

    /// - Parameter encodes: make 8-bit codes too; vectors of few dimensions get none, as in a segment.
    package init(_ matrix: VectorMatrix, metric: Metric, encodes: Bool) throws(ClientError) {
        self.matrix = matrix
        self.metric = metric
        norms = metric == .cosine ? try Self.inverseNorms(matrix) : nil
        guard encodes, matrix.dimension >= ScalarQuantizer8.dimensionMin else {
            codes = nil
            parameters = nil
            return
        }
        let stride = ScalarQuantizer8.codeStride(dimension: matrix.dimension)
        let codes = try AlignedMemory(byteCount: matrix.rowCount * stride, purpose: "the codes")
        let parameters = try AlignedMemory(byteCount: matrix.rowCount * MemoryLayout<CodeParameters>.stride, purpose: "the codes' parameters")
        let codeRows = codes.bytes.bindMemory(to: Int8.self)
        let parameterRows = parameters.bytes.bindMemory(to: CodeParameters.self)
        for row in 0..<matrix.rowCount {
            // SAFETY: both memories have room for every row, and a row of floats has `dimension` of them.
            parameterRows[row] = ScalarQuantizer8.encode(
                matrix.row(row).baseAddress.unsafelyUnwrapped, dimension: matrix.dimension,
                into: codeRows.baseAddress.unsafelyUnwrapped + row * stride)
        }
        self.codes = codes
        self.parameters = parameters
    }

    /// What is kept beside the floats.
    package var extraBytes: Int { [norms, codes, parameters].reduce(0) { $0 + ($1?.bytes.count ?? 0) } }

    package var hasCodes: Bool { codes != nil }

    /// All rows as the searches take them; valid as long as this value or a copy of it lives.
    var run: VectorRun {
        VectorRun(
            firstOrdinal: 0, base: matrix.floats.baseAddress.unsafelyUnwrapped, count: matrix.rowCount,
            inverseNorms: norms.map { UnsafePointer($0.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)) },
            codes: codeRun)
    }

    private var codeRun: CodeRun? {
        guard let codes, let parameters else { return nil }
        return CodeRun(
            codes: UnsafePointer(codes.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Int8.self)),
            stride: ScalarQuantizer8.codeStride(dimension: matrix.dimension),
            parameters: UnsafePointer(parameters.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CodeParameters.self)))
    }

    private static func inverseNorms(_ matrix: VectorMatrix) throws(ClientError) -> AlignedMemory {
        let memory = try AlignedMemory(byteCount: matrix.rowCount * MemoryLayout<Float>.stride, purpose: "the norms")
        let norms = memory.bytes.bindMemory(to: Float.self)
        for row in 0..<matrix.rowCount {
            norms[row] = InverseNorm.of(matrix.row(row).baseAddress.unsafelyUnwrapped, dimension: matrix.dimension)
        }
        return memory
    }
}
