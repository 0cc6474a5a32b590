public import ByteCoding
public import ColumnStore
public import Filtering
public import VectorModel

extension SegmentCursor: FilterableRows {
    public func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? {
        try find(string, in: .strings).map { UInt32(truncatingIfNeeded: $0) }
    }

    public func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer { try string(Int(number), of: .strings) }

    public func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer { try string(row, of: .identifiers) }

    public func row(of identifier: String) throws(Corruption) -> Int? { try find(identifier, in: .identifiers) }

    /// See `FilterableRows`. Cost: linear in the candidates or in the rows that have the key, whichever are fewer when the column is sparse.
    public func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        precondition(candidates.bound == rowCount)
        guard let number = try find(key, in: .keys) else {
            if !keepsMissing { candidates = OrdinalSet(bound: candidates.bound) }
            return
        }
        let column = try column(number)
        switch column.layout {
        case .dense:
            if let kind = column.kind, kind.isScalar {
                try keepDenseScalars(column, kind, in: &candidates, where: accepts)
            } else {
                try keepDense(column, in: &candidates, where: accepts)
            }
        case .sparse where column.count <= candidates.count: try keepFew(column, in: &candidates, keepsMissing, where: accepts)
        case .sparse: try keepSparse(column, in: &candidates, keepsMissing, where: accepts)
        }
    }

    /// Every row has a scalar of one kind: the bits are looked at in place, 64 rows at a time.
    private func keepDenseScalars(
        _ column: SegmentColumn, _ kind: MetadataKind, in candidates: inout OrdinalSet, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        let key = UInt32(truncatingIfNeeded: column.number)
        for index in 0..<candidates.wordCount {
            let word = candidates.word(index)
            guard word != 0 else { continue }
            let values = try bytes(.columnData, column.values + index * 512, min(64, rowCount - index * 64) * 8).assumingMemoryBound(to: UInt64.self)
            var (rest, kept) = (word, word)
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                if !accepts(MetadataEntry(key: key, kind: kind, bits: values[bit])) { kept &= ~(1 << UInt64(bit)) }
                rest &= rest &- 1
            }
            if kept != word { candidates.setWord(index, kept) }
        }
    }

    /// Every row has a value: each candidate's own is looked at.
    private func keepDense(
        _ column: SegmentColumn, in candidates: inout OrdinalSet, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        for index in 0..<candidates.wordCount {
            let word = candidates.word(index)
            var (rest, kept) = (word, word)
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                if !accepts(try entry(column, index * 64 + bit)) { kept &= ~(1 << UInt64(bit)) }
                rest &= rest &- 1
            }
            if kept != word { candidates.setWord(index, kept) }
        }
    }

    /// Goes through the column's values, which are fewer than the candidates.
    private func keepFew(
        _ column: SegmentColumn, in candidates: inout OrdinalSet, _ keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        var kept = keepsMissing ? candidates : OrdinalSet(bound: candidates.bound)
        for index in 0..<column.count {
            let row = try row(column, index)
            guard candidates.contains(row) else { continue }
            if accepts(try entry(column, index)) { kept.insert(row) } else { kept.remove(row) }
        }
        candidates = kept
    }

    /// Goes through the candidates, which are fewer than the column's values, galloping from one to the next.
    private func keepSparse(
        _ column: SegmentColumn, in candidates: inout OrdinalSet, _ keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        var position = 0
        for index in 0..<candidates.wordCount {
            let word = candidates.word(index)
            var (rest, kept) = (word, word)
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                let row = index * 64 + bit
                position = try firstIndex(of: row, in: column, from: position)
                var isKept = keepsMissing
                if position < column.count, try self.row(column, position) == row { isKept = accepts(try entry(column, position)) }
                if !isKept { kept &= ~(1 << UInt64(bit)) }
                rest &= rest &- 1
            }
            if kept != word { candidates.setWord(index, kept) }
        }
    }
}
