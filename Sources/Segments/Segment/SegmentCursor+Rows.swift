public import ByteCoding
public import Indexes
import Quantization
public import VectorModel

extension SegmentCursor: StoredRows {
    /// The row of an id, dead or alive; `nil` if the segment does not have it. `identifier` is UTF-8.
    ///
    /// Cost: touches five pages; under a microsecond once they are in memory.
    public func find(_ identifier: UnsafeRawBufferPointer) throws(Corruption) -> Int? {
        try find(identifier, in: .identifiers)
    }

    public func insertionKey(of row: Int) throws(Corruption) -> UInt64 { try element(.insertionKeys, row) }

    public func sequence(of row: Int) throws(Corruption) -> SequenceNumber { SequenceNumber(try element(.sequences, row)) }

    public func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R {
        body(try string(row, of: .identifiers))
    }

    public func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R {
        body(try vector(of: row))
    }

    public func withTexts<R>(
        of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R
    ) throws(Corruption) -> R {
        let texts = try texts(of: row)
        return body(texts.document, texts.uri)
    }

    // MARK: Vectors

    /// Removes from `candidates`, whose bound is `rowCount`, the rows that have no vector.
    public func keepRowsWithVectors(_ candidates: inout OrdinalSet) throws(Corruption) {
        precondition(candidates.bound == rowCount)
        for index in 0..<candidates.wordCount {
            let word = candidates.word(index)
            guard word != 0 else { continue }
            let flags = try bytes(.rowFlags, index * 64, min(64, rowCount - index * 64))
            var kept = word
            for (bit, flag) in flags.enumerated() where flag & SegmentFormat.RowFlag.hasVector == 0 { kept &= ~(1 << UInt64(bit)) }
            if kept != word { candidates.setWord(index, kept) }
        }
    }

    /// All rows' vectors in place, for the kernels; `nil` if the segment has none. Rows without a vector are zeros.
    ///
    /// Nothing of them may be read before `ensureVectors` or `ensureCodes` has returned for the rows concerned. The pointers are valid as
    /// long as the cursor.
    /// - Parameter part: by which the search's candidates name this segment.
    public func vectorRun(part: UInt32 = 0) -> VectorRun? {
        guard segment.dimension != nil else { return nil }
        // SAFETY: the layout was checked when the file was opened: the sections lie in the file, aligned, with an element per row.
        return VectorRun(
            part: part, firstOrdinal: 0, base: base(.vectors).assumingMemoryBound(to: Float.self), count: rowCount,
            inverseNorms: layout[.inverseNorms].length > 0 ? base(.inverseNorms).assumingMemoryBound(to: Float.self) : nil,
            codes: codeRun)
    }

    private var codeRun: CodeRun? {
        guard segment.hasCodes else { return nil }
        // SAFETY: as above.
        return CodeRun(
            codes: base(.codes).assumingMemoryBound(to: Int8.self), stride: layout[.codes].elementBytes,
            parameters: base(.codeParameters).assumingMemoryBound(to: CodeParameters.self))
    }

    /// Checks the vectors of a range of rows, and their norms, before they are read in place.
    @inline(__always)
    public func ensureVectors(rows: Range<Int>) throws(Corruption) {
        try ensure(.vectors, rows)
        if layout[.inverseNorms].length > 0 { try ensure(.inverseNorms, rows) }
    }

    /// Checks the codes of a range of rows, and their parameters, before they are read in place.
    @inline(__always)
    public func ensureCodes(rows: Range<Int>) throws(Corruption) {
        try ensure(.codes, rows)
        try ensure(.codeParameters, rows)
    }

    /// - Parameter rows: the caller's, not the file's; the section has an element for each row.
    @inline(__always)
    private func ensure(_ section: SegmentSection, _ rows: Range<Int>) throws(Corruption) {
        let place = layout[section]
        precondition(rows.lowerBound >= 0 && rows.upperBound <= place.count, "rows outside the segment")
        try mapping.ensure(place.offset &+ rows.lowerBound &* place.elementBytes, rows.count &* place.elementBytes)
    }

    /// The vector of a row in place; `nil` if it has none.
    func vector(of row: Int) throws(Corruption) -> UnsafeBufferPointer<Float>? {
        guard try flags(of: row) & SegmentFormat.RowFlag.hasVector != 0 else { return nil }
        let place = layout[.vectors]
        guard place.length > 0 else {
            throw corruption(.rowFlags, row, expected: "no vector, in a segment without a dimension", found: "one")
        }
        let bytes = try bytes(.vectors, row * place.elementBytes, place.elementBytes)
        return bytes.assumingMemoryBound(to: Float.self)
    }

    /// The row's flags.
    func flags(of row: Int) throws(Corruption) -> UInt8 {
        let flags: UInt8 = try element(.rowFlags, row)
        guard flags & ~SegmentFormat.RowFlag.all == 0 else {
            throw corruption(.rowFlags, row, expected: "flags up to \(SegmentFormat.RowFlag.all)", found: "\(flags)")
        }
        return flags
    }
}
