public import ByteCoding
public import Indexes
import Quantization
public import VectorModel

extension Segment {
    /// How the vectors' numbers are stored.
    public var element: VectorElement { header.element }
}

extension SegmentCursor {
    /// All rows' vectors in place, for the kernels; `nil` if the segment has none. Rows without a vector are zeros.
    ///
    /// Nothing of them may be read before `ensureVectors` or `ensureCodes` has returned for the rows concerned. The pointers are valid as
    /// long as the cursor.
    /// - Parameter part: by which the search's candidates name this segment.
    public func vectorRun(part: UInt32 = 0) -> VectorRun? {
        guard segment.dimension != nil else { return nil }
        // SAFETY: the layout was checked when the file was opened: the sections lie in the file, aligned, with an element per row.
        return VectorRun(
            part: part, firstOrdinal: 0, numbers: numbers, count: rowCount,
            inverseNorms: layout[.inverseNorms].length > 0 ? base(.inverseNorms).assumingMemoryBound(to: Float.self) : nil,
            codes: codeRun)
    }

    private var numbers: VectorRun.Numbers {
        // SAFETY: as above.
        switch segment.element {
        case .float32: .float32(base(.vectors).assumingMemoryBound(to: Float.self))
        case .float16: .float16(base(.vectors).assumingMemoryBound(to: UInt16.self))
        }
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

    /// Copies the vector of a row as `dimension` floats, whichever element the file has; zeros for a row without one. The segment has a dimension.
    ///
    /// Cost: O(dimension).
    public func copyVector(of row: Int, into floats: UnsafeMutablePointer<Float>) throws(Corruption) {
        try ensure(.vectors, row..<row + 1)
        storedVector(row).copy(to: floats)
    }

    /// The vector of a row that `ensureVectors` was called for, as floats: in place, or in a buffer that the next call writes to.
    public func announcedVector(of row: Int) -> UnsafeBufferPointer<Float> {
        precondition(row >= 0 && row < layout[.vectors].count, "a row outside the segment")
        let vector = storedVector(row)
        switch vector.element {
        case .float32: return vector.bytes.assumingMemoryBound(to: Float.self)
        case .float16:
            let buffer = widened ?? .allocate(capacity: vector.dimension)
            widened = buffer
            if let floats = buffer.baseAddress { vector.copy(to: floats) }
            return UnsafeBufferPointer(buffer)
        }
    }

    /// The vector of a row in place, compared with its checksum; `nil` if it has none.
    func vector(of row: Int) throws(Corruption) -> SegmentVector? {
        guard try flags(of: row) & SegmentFormat.RowFlag.hasVector != 0 else { return nil }
        let place = layout[.vectors]
        guard place.length > 0 else {
            throw corruption(.rowFlags, row, expected: "no vector, in a segment without a dimension", found: "one")
        }
        return SegmentVector(bytes: try bytes(.vectors, row * place.elementBytes, place.elementBytes), element: segment.element)
    }

    /// The vector of a row whose bytes were ensured, which checked its number.
    private func storedVector(_ row: Int) -> SegmentVector {
        let bytes = layout[.vectors].elementBytes
        // SAFETY: the row lies in the section.
        return SegmentVector(bytes: UnsafeRawBufferPointer(start: base(.vectors) + row * bytes, count: bytes), element: segment.element)
    }
}
