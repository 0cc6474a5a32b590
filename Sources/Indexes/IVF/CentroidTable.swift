import Quantization
import VectorKernels

/// What is kept of a list's centre beside its codes. Stored as three floats.
struct CentroidParameters: BitwiseCopyable {
    /// The number that one step of the 8-bit codes stands for.
    var step: Float
    /// ‖c‖² of the centre that the codes say.
    var squaredNorm: Float
    /// The centre's further coordinate (see `MetricGeometry`).
    var extra: Float
}

/// The centres of all lists, twice: as 8-bit codes, which *are* the centres that rows are measured from, and as 1-bit codes in blocks of 32, by which
/// the nearest few are found without looking at the others. Borrowed memory.
struct CentroidTable {
    let count: Int
    let dimension: Int
    // SAFETY: `count · dimension` codes, `count` parameters, `blockCount(count)` blocks of `blockBytes(dimension)`; the owner keeps them in place.
    let codes: UnsafePointer<Int8>
    let parameters: UnsafePointer<CentroidParameters>
    let blocks: UnsafePointer<UInt8>

    static func blockCount(_ count: Int) -> Int { FastScan.blocks(rows: count) }
    /// Codes, then 32 factors and 32 offsets.
    static func blockBytes(_ dimension: Int) -> Int {
        dimension / FastScan.chunkDimensions * FastScan.chunkBytes + 2 * FastScan.rows * MemoryLayout<Float>.size
    }

    var blockCount: Int { Self.blockCount(count) }

    /// ‖v−c‖² for every centre but for the part that all have in common, roughly.
    ///
    /// - Parameter estimates: room for 32 floats for each block.
    func estimate(_ vector: RotatedVector, _ kernels: VectorKernels, masks: UnsafeMutablePointer<UInt32>, into estimates: UnsafeMutablePointer<Float>) {
        kernels.fastScanSelect(
            codes: blocks, stride: Self.blockBytes(dimension), blocks: blockCount, table: vector.table, chunks: vector.chunks,
            FastScanEstimate(step: vector.scale.step, shift: vector.scale.base - 0.5 * vector.total, threshold: -.infinity),
            estimates: estimates, masks: masks)
    }

    /// ‖v−c‖² from the products of the vector's codes and the centre's, without the further coordinate.
    @inline(__always)
    func squaredDistance(_ vector: RotatedVector, _ list: Int, product: Int32) -> Float {
        let parameters = parameters[list]
        let distance = vector.squaredNorm + parameters.squaredNorm - 2 * (vector.codeStep * parameters.step) * Float(product)
        return max(distance, 0)
    }
}

/// Centres in memory of their own, while an index is built.
final class Centroids {
    let count: Int
    let dimension: Int
    // SAFETY: allocated in `init`, freed in `deinit`, written by `quantize` and the owner, who does not do so while others read.
    /// The centres that the codes say, and before `quantize` those that were trained.
    let values: UnsafeMutablePointer<Float>
    let extras: UnsafeMutablePointer<Float>
    let squaredNorms: UnsafeMutablePointer<Float>
    let codes: UnsafeMutablePointer<Int8>
    let parameters: UnsafeMutablePointer<CentroidParameters>
    let blocks: UnsafeMutablePointer<UInt8>

    init(count: Int, dimension: Int) {
        self.count = count
        self.dimension = dimension
        values = .allocate(capacity: max(count * dimension, 1))
        extras = .allocate(capacity: max(count, 1))
        squaredNorms = .allocate(capacity: max(count, 1))
        codes = .allocate(capacity: max(count * dimension, 1))
        parameters = .allocate(capacity: max(count, 1))
        blocks = .allocate(capacity: max(CentroidTable.blockCount(count) * CentroidTable.blockBytes(dimension), 1))
    }

    deinit {
        values.deallocate()
        extras.deallocate()
        squaredNorms.deallocate()
        codes.deallocate()
        parameters.deallocate()
        blocks.deallocate()
    }

    var blockBytes: Int { CentroidTable.blockCount(count) * CentroidTable.blockBytes(dimension) }
    var table: CentroidTable {
        CentroidTable(count: count, dimension: dimension, codes: codes, parameters: parameters, blocks: blocks)
    }

    /// Rounds the centres to 8 bits, and `values` with them, and makes the blocks.
    func quantize(_ kernels: VectorKernels) {
        let vector = RotatedVector(dimension: dimension)
        for list in 0..<count {
            let centre = values + list * dimension
            vector.values.update(from: centre, count: dimension)
            vector.prepareCodes()
            (codes + list * dimension).update(from: vector.codes, count: dimension)
            for index in 0..<dimension { centre[index] = vector.codeStep * Float(vector.codes[index]) }
            let squaredNorm = kernels.squaredNorm(centre, dimension: dimension)
            parameters[list] = CentroidParameters(step: vector.codeStep, squaredNorm: squaredNorm, extra: extras[list])
        }
        makeBlocks(kernels)
    }

    /// Packs the centres' signs, around the origin.
    func makeBlocks(_ kernels: VectorKernels) {
        let origin = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
        defer { origin.deallocate() }
        origin.initialize(repeating: 0, count: dimension)
        let chunks = dimension / FastScan.chunkDimensions
        blocks.initialize(repeating: 0, count: blockBytes)
        for list in 0..<count {
            let centre = values + list * dimension
            let block = blocks + list / FastScan.rows * CentroidTable.blockBytes(dimension)
            let row = list % FastScan.rows
            squaredNorms[list] = kernels.squaredNorm(centre, dimension: dimension)
            FastScan.pack(row: row, signs: centre, chunks: chunks, into: block)
            let factors = RaBitQ.measureSigns(residual: centre, centre: origin, dimension: dimension)
            let floats = UnsafeMutableRawPointer(block + chunks * FastScan.chunkBytes)
            // Twice the factor, because a scan sums over one-bits what the estimate wants for signs.
            floats.storeBytes(of: 2 * factors.factor, toByteOffset: 4 * row, as: Float.self)
            floats.storeBytes(
                of: squaredNorms[list] + extras[list] * extras[list], toByteOffset: 4 * (FastScan.rows + row), as: Float.self)
        }
    }
}
