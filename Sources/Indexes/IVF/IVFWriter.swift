import Quantization
import VectorKernels

/// Writes the sections of an image that is all zeros.
struct IVFWriter {
    private let layout: IVFLayout
    // SAFETY: memory of `layout.end` bytes, which only the build that this belongs to writes.
    private let base: UnsafeMutableRawPointer

    init(_ layout: IVFLayout, _ base: UnsafeMutableRawPointer) {
        self.layout = layout
        self.base = base
    }

    private var chunks: Int { layout.rotatedDimension / FastScan.chunkDimensions }
    private var factorsOffset: Int { chunks * FastScan.chunkBytes }

    /// Everything but the codes of rows.
    func write(_ mean: [Float], _ centroids: Centroids, _ places: ListPlaces) {
        let codeBytes = centroids.count * centroids.dimension
        mean.withUnsafeBytes { (base + layout.mean).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        (base + layout.centroidCodes).copyMemory(from: centroids.codes, byteCount: codeBytes)
        (base + layout.centroidParameters).copyMemory(
            from: centroids.parameters, byteCount: centroids.count * MemoryLayout<CentroidParameters>.size)
        (base + layout.centroidBlocks).copyMemory(from: centroids.blocks, byteCount: centroids.blockBytes)
        places.starts.withUnsafeBytes { (base + layout.listStarts).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        places.references.withUnsafeBytes { (base + layout.listReferences).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    }

    private func block(_ number: Int) -> UnsafeMutableRawPointer {
        base + layout.listBlocks + number * layout.listBlockBytes
    }

    /// Writes a row's codes, by `encode`, what belongs to them, and its ordinal.
    func writeRow(_ slot: UInt32, ordinal: UInt32, _ encode: (UnsafeMutablePointer<UInt8>) -> RaBitQ.Factors) {
        let row = base + layout.rowCodes + Int(slot) * layout.rowBytes
        let factors = encode(row.assumingMemoryBound(to: UInt8.self))
        let tail = layout.codeBytes
        row.storeBytes(of: factors.factor, toByteOffset: tail, as: Float.self)
        row.storeBytes(of: factors.offset, toByteOffset: tail + 4, as: Float.self)
        base.storeBytes(of: ordinal, toByteOffset: layout.ordinals + 4 * Int(slot), as: UInt32.self)
    }

    /// Writes a row's entry into a list.
    func writeEntry(_ entries: ListEntries, _ entry: Int, place: Int) {
        let block = block(place / FastScan.rows)
        let row = place % FastScan.rows
        let nibbles = entries.nibbles(entry)
        let codes = block.assumingMemoryBound(to: UInt8.self)
        for group in 0..<4 * chunks { FastScan.place(nibbles[group], row: row, group: group, in: codes) }
        let factors = entries.factors[entry]
        // Twice the factor, because a scan sums over one-bits what the estimate wants for signs.
        block.storeBytes(of: 2 * factors.factor, toByteOffset: factorsOffset + 4 * row, as: Float.self)
        block.storeBytes(of: factors.offset, toByteOffset: factorsOffset + 4 * (FastScan.rows + row), as: Float.self)
    }
}

/// The 1-bit codes of a batch, two for each row, on their way into the lists' blocks.
final class ListEntries {
    // SAFETY: allocated in `init`, freed in `deinit`; each entry is written by one thread.
    let factors: UnsafeMutablePointer<RaBitQ.Factors>
    private let codes: UnsafeMutablePointer<UInt8>
    private let groups: Int

    init(rows: Int, dimension: Int) {
        groups = dimension / 4
        factors = .allocate(capacity: max(1, 2 * rows))
        codes = .allocate(capacity: max(1, 2 * rows * groups))
    }

    deinit {
        factors.deallocate()
        codes.deallocate()
    }

    func nibbles(_ entry: Int) -> UnsafePointer<UInt8> { UnsafePointer(codes + entry * groups) }

    func set(_ entry: Int, _ factors: RaBitQ.Factors, signs: UnsafePointer<Float>) {
        (self.factors + entry).initialize(to: factors)
        for group in 0..<groups { codes[entry * groups + group] = FastScan.nibble(of: signs + 4 * group) }
    }
}

/// Encodes placed rows relative to centres. One worker's own.
final class RowEncoder {
    private let centroids: Centroids
    // SAFETY: as many floats as a centre has; allocated in `init`, freed in `deinit`.
    /// Row − centre, of the last row that was encoded.
    let residual: UnsafeMutablePointer<Float>

    init(_ centroids: Centroids) {
        self.centroids = centroids
        residual = .allocate(capacity: centroids.dimension)
    }

    deinit { residual.deallocate() }

    /// The factors of a row's 1-bit codes, which are the signs of `residual` then.
    func oneBit(_ row: UnsafePointer<Float>, _ extra: Float, _ list: Int) -> RaBitQ.Factors {
        let centre = subtract(row, list)
        return RaBitQ.measureSigns(residual: residual, centre: centre, dimension: centroids.dimension).adding(extra)
    }

    func encode(
        _ depth: RaBitQ.Depth, _ row: UnsafePointer<Float>, _ extra: Float, _ list: Int, into codes: UnsafeMutablePointer<UInt8>
    ) -> RaBitQ.Factors {
        let centre = subtract(row, list)
        return RaBitQ.encode(depth, residual: residual, centre: centre, dimension: centroids.dimension, into: codes).adding(extra)
    }

    private func subtract(_ row: UnsafePointer<Float>, _ list: Int) -> UnsafePointer<Float> {
        let centre = UnsafePointer(centroids.values + list * centroids.dimension)
        VectorArithmetic.difference(row, centre, count: centroids.dimension, into: residual)
        return centre
    }
}

extension RaBitQ.Factors {
    /// The further coordinate of a row, which the query has 0 for, adds its square to every distance.
    fileprivate func adding(_ extra: Float) -> RaBitQ.Factors {
        RaBitQ.Factors(factor: factor, offset: offset + extra * extra, spread: spread)
    }
}
