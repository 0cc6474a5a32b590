package import ByteCoding
import ColumnStore
package import Indexes

/// Inverted indexes of the sparse vectors among a segment's metadata.
extension SegmentCursor {
    /// The index of the sparse vectors in a column, built anew; rows that have none are not in it.
    ///
    /// Cost: two passes over the vectors, see `SparseIndex.build`; for a column with values of several kinds one more over the values.
    /// - Parameter shouldContinue: asked every 4,096 values; `false` ends the work.
    /// - Returns: `nil` if no row has a sparse vector there, or the work was ended.
    package func sparseIndex(ofColumn number: Int, shouldContinue: () -> Bool) throws(Corruption) -> SparseIndex? {
        let column = try column(number)
        guard try hasSparseVector(column) else { return nil }
        var isEnded = false
        let index = try SparseIndex.build(rowCount: rowCount) { (add) throws(Corruption) in
            for index in 0..<column.count where !isEnded {
                if index.isMultiple(of: 4_096), !shouldContinue() {
                    isEnded = true
                    return
                }
                let entry = try entry(column, index)
                guard entry.kind == .sparse else { continue }
                add(column.layout == .dense ? index : try row(column, index), SparseWords(encoded: entry.elements).unlabelled)
            }
        }
        return isEnded ? nil : index
    }

    private func hasSparseVector(_ column: SegmentColumn) throws(Corruption) -> Bool {
        guard column.kind == nil else { return column.kind == .sparse }
        for index in 0..<column.count where try entry(column, index).kind == .sparse { return true }
        return false
    }
}
