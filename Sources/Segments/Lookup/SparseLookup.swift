import ByteCoding
import Indexes

/// The section `sparse` of a lookup file: an inverted index for each metadata key under which a row has a sparse vector.
struct SparseLookup: Sendable {
    private let indexes: [Int: SparseIndex]

    /// The index of a column; `nil`: no row has a sparse vector there.
    subscript(column: Int) -> SparseIndex? { indexes[column] }

    /// Opens the section. Cost: one pass over the images.
    /// - Throws: where the bytes are not what `encoded` could have made, so that no number in them leads a search elsewhere.
    init(_ bytes: UnsafeRawBufferPointer, owner: any Sendable, rowCount: Int, columnCount: Int) throws(IndexImageDamage) {
        func require(_ holds: Bool, _ offset: Int, _ reason: @autoclosure () -> String) throws(IndexImageDamage) {
            if !holds { throw IndexImageDamage(offset: offset, reason: reason()) }
        }
        try require(bytes.count >= Self.entryBytes, 0, "\(bytes.count) bytes")
        let count = bytes.size(at: 0)
        try require(count <= columnCount && bytes.size(at: 8) == 0, 0, "\(count) indexes of \(columnCount) columns")
        try require(Self.headBytes(count) <= bytes.count, 0, "\(count) indexes in \(bytes.count) bytes")
        var indexes: [Int: SparseIndex] = [:]
        var (least, next) = (0, Self.headBytes(count))
        for entry in 1..<count + 1 {
            let offset = entry * Self.entryBytes
            let (column, length) = (bytes.size(at: offset), bytes.size(at: offset + 8))
            try require(column >= least && column < columnCount, offset, "column \(column)")
            try require(length <= bytes.count - next, offset + 8, "\(length) bytes at \(next)")
            let image = IndexImage(borrowing: UnsafeRawBufferPointer(rebasing: bytes[next..<next + length]), owner: owner)
            do throws(IndexImageDamage) {
                indexes[column] = try SparseIndex(image, rowCount: rowCount)
            } catch { throw IndexImageDamage(offset: next + error.offset, reason: error.reason) }
            (least, next) = (column + 1, min(SegmentFormat.aligned(next + length, to: IndexImage.alignment), bytes.count))
        }
        self.indexes = indexes
    }

    /// The section of these indexes.
    /// - Parameter indexes: columns ascending.
    static func encoded(_ indexes: [(column: Int, index: SparseIndex)]) -> ByteBlock {
        var writer = ByteWriter(capacity: headBytes(indexes.count) + indexes.reduce(0) { $0 + $1.index.image.bytes.count + IndexImage.alignment })
        writer.append(UInt64(indexes.count))
        writer.append(UInt64(0))
        for (column, index) in indexes {
            writer.append(UInt64(column))
            writer.append(UInt64(index.image.bytes.count))
        }
        writer.appendZeros(headBytes(indexes.count) - writer.count)
        for (_, index) in indexes {
            writer.appendZeros(SegmentFormat.aligned(writer.count, to: IndexImage.alignment) - writer.count)
            writer.append(contentsOf: index.image.bytes)
        }
        return writer.finish()
    }

    /// The number of indexes, and for each its column and length.
    private static let entryBytes = 16

    /// Where the first image begins.
    private static func headBytes(_ count: Int) -> Int { SegmentFormat.aligned((count + 1) * entryBytes, to: IndexImage.alignment) }
}
