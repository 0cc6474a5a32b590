import ColumnStore
public import Indexes
import Quantization
import VectorModel

/// The vectors of a memtable, one slot per row, and for `cosine` each one's inverse norm beside it.
///
/// They are floats also where segments have float16: then rounded to what float16 can hold, so that a flush changes nothing.
public final class VectorRows: Sendable {
    public let dimension: Int
    let element: VectorElement
    private let values: StableArray<Float>
    private let inverseNorms: StableArray<Float>?

    /// - Parameter rowsBefore: rows that were written before any vector was; they get empty slots.
    init(dimension: Int, metric: Metric, element: VectorElement = .float32, rowsBefore: Int = 0) {
        self.dimension = dimension
        self.element = element
        values = StableArray(stride: dimension)
        switch metric {
        case .cosine: inverseNorms = StableArray()
        case .l2, .innerProduct: inverseNorms = nil
        }
        for _ in 0..<rowsBefore { appendHole() }
    }

    /// Writer only. `vector` has `dimension` floats, which the collection's element can hold: validation saw to it.
    func append(_ vector: UnsafeBufferPointer<Float>) {
        precondition(vector.count == dimension)
        let place = values.appendRow()
        place.initialize(from: vector.baseAddress!, count: dimension)
        switch element {
        case .float32: break
        case .float16: Float16Vectors.round(place, count: dimension)
        }
        inverseNorms?.append(InverseNorm.of(place, dimension: dimension))
    }

    func appendCopy(ofRow row: Int) {
        append(self[row])
    }

    /// A slot that is never read as a vector. Left untouched, so that it need not become resident; its norm is 0.
    func appendHole() {
        _ = values.appendRow()
        inverseNorms?.append(0)
    }

    public subscript(row: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: values.pointer(toRow: row), count: dimension)
    }

    /// Calls `body` with the contiguous runs of the first `rowCount` slots.
    /// - Parameter part: by which a search's candidates name this memtable.
    public func forEachRun<Failure: Error>(part: UInt32 = 0, rowCount: Int, _ body: (VectorRun) throws(Failure) -> Void) throws(Failure) {
        var first = 0
        while first < rowCount {
            let count = min(values.rowsToEndOfBlock(from: first), rowCount - first)
            try body(
                VectorRun(
                    part: part, firstOrdinal: first, base: values.pointer(toRow: first), count: count,
                    inverseNorms: inverseNorms?.pointer(toRow: first)))
            first += count
        }
    }
}
