import Quantization
import VectorKernels

/// A vector, rotated, as scans over codes need it: as floats, as FastScan table and as 8-bit codes.
///
/// Memory is allocated once and used again for one vector after the other.
final class RotatedVector {
    let dimension: Int
    let chunks: Int

    // SAFETY: allocated in `init` with the sizes given there, freed in `deinit`; only this object's owner uses it.
    /// `dimension` floats, written by the owner before `prepare…`.
    let values: UnsafeMutablePointer<Float>
    let table: UnsafeMutablePointer<UInt8>
    let codes: UnsafeMutablePointer<Int8>

    private(set) var squaredNorm: Float = 0
    /// Σ of the values.
    private(set) var total: Float = 0
    private(set) var scale = FastScanScale(base: 0, step: 0)
    /// The number that one step of the codes stands for.
    private(set) var codeStep: Float = 0
    /// Σ of the codes.
    private(set) var codeTotal: Float = 0

    init(dimension: Int) {
        self.dimension = dimension
        chunks = dimension / FastScan.chunkDimensions
        values = .allocate(capacity: dimension)
        table = .allocate(capacity: chunks * FastScan.chunkBytes)
        codes = .allocate(capacity: dimension)
    }

    deinit {
        values.deallocate()
        table.deallocate()
        codes.deallocate()
    }

    /// Makes the table for 1-bit codes.
    func prepareScan(_ kernels: VectorKernels) {
        var (sum, squares) = (Lanes.zero, Lanes.zero)
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let lanes = UnsafeRawPointer(values + start).loadUnaligned(as: Lanes.self)
            sum += lanes
            squares += lanes * lanes
        }
        total = sum.sum()
        squaredNorm = squares.sum()
        scale = kernels.makeFastScanTable(of: values, chunks: chunks, into: table)
    }

    /// Rounds the values to 8 bits.
    func prepareCodes() {
        var largest = Lanes.zero
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let lanes = UnsafeRawPointer(values + start).loadUnaligned(as: Lanes.self)
            largest = pointwiseMax(largest, lanes.replacing(with: -lanes, where: lanes .< 0))
        }
        let highest = largest.max()
        let steps = highest > 0 ? 127 / highest : 0
        guard steps.isFinite, steps > 0 else {
            codes.update(repeating: 0, count: dimension)
            (codeStep, codeTotal) = (0, 0)
            return
        }
        // Added to a small float, 1.5·2²³ leaves the nearest integer in the lowest bits.
        let shift: Float = 0x1.8p23
        var sum = SIMD8<Int32>.zero
        for start in stride(from: 0, to: dimension, by: Lanes.scalarCount) {
            let lanes = UnsafeRawPointer(values + start).loadUnaligned(as: Lanes.self)
            let rounded = unsafeBitCast(lanes * steps + shift, to: SIMD8<Int32>.self) &- Int32(bitPattern: shift.bitPattern)
            sum &+= rounded
            UnsafeMutableRawPointer(codes + start).storeBytes(of: SIMD8<Int8>(truncatingIfNeeded: rounded), as: SIMD8<Int8>.self)
        }
        codeStep = highest / 127
        codeTotal = Float(sum.wrappedSum())
    }

    private typealias Lanes = SIMD8<Float>
}
