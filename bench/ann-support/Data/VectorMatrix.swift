package import LyricaClient
import VectorModel

/// Vectors of one dimension, one after the other in memory. A value: copies and slices share the floats, which never change.
package struct VectorMatrix: Sendable {
    package let rowCount: Int
    /// Floats per row, 1 to `Limits.dimension`.
    package let dimension: Int
    private let memory: AlignedMemory
    private let firstRow: Int

    /// A matrix that `fill` writes; what it leaves out is zero.
    /// - Parameter fill: gets the floats of all rows.
    /// - Throws: `ClientError.data` when the dimension or the size is not possible here, and what `fill` throws.
    package init(rowCount: Int, dimension: Int, fill: (UnsafeMutableBufferPointer<Float>) throws(ClientError) -> Void) throws(ClientError) {
        precondition(rowCount >= 0)
        guard (1...Limits.standard.dimension).contains(dimension) else {
            throw .data("vectors of \(dimension) numbers; 1 to \(Limits.standard.dimension) are possible")
        }
        let (byteCount, overflow) = rowCount.multipliedReportingOverflow(by: dimension * MemoryLayout<Float>.stride)
        guard !overflow else { throw .data("\(rowCount) vectors of \(dimension) numbers are more than memory can hold") }
        memory = try AlignedMemory(byteCount: byteCount, purpose: "\(rowCount) vectors of \(dimension) numbers")
        self.rowCount = rowCount
        self.dimension = dimension
        firstRow = 0
        try fill(memory.bytes.bindMemory(to: Float.self))
    }

    private init(slicing whole: VectorMatrix, rows: Range<Int>) {
        memory = whole.memory
        dimension = whole.dimension
        firstRow = whole.firstRow + rows.lowerBound
        rowCount = rows.count
    }

    /// Some of the rows, sharing their memory.
    package func slice(_ rows: Range<Int>) -> VectorMatrix {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount)
        return VectorMatrix(slicing: self, rows: rows)
    }

    /// The floats of all rows. Borrowed: valid as long as this value or a copy of it lives, which a function that owns the only one must ensure.
    package var floats: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(rebasing: memory.bytes.assumingMemoryBound(to: Float.self)[firstRow * dimension..<(firstRow + rowCount) * dimension])
    }

    /// The floats of one row, borrowed as `floats` are.
    package func row(_ index: Int) -> UnsafeBufferPointer<Float> {
        precondition(index >= 0 && index < rowCount)
        // SAFETY: the row lies inside the memory, whose size was computed from the number of rows.
        let start = memory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self) + (firstRow + index) * dimension
        return UnsafeBufferPointer(start: start, count: dimension)
    }

    /// What the floats take.
    package var byteCount: Int { rowCount * dimension * MemoryLayout<Float>.stride }

    /// The first row that holds an infinity or NaN, which no distance is defined for; `nil` when all are finite.
    package func firstRowNotFinite() -> Int? {
        (0..<rowCount).first { index in
            var found = false
            // Without an early exit the loop runs in vectors.
            for value in row(index) { found = found || value.bitPattern & Self.exponent == Self.exponent }
            return found
        }
    }

    private static let exponent = Float.infinity.bitPattern
}
