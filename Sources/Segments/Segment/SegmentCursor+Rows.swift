public import ByteCoding
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
        guard let vector = try vector(of: row) else { return body(nil) }
        return vector.withFloats { body($0) }
    }

    public func withTexts<R>(
        of row: Int, _ body: (_ document: UnsafeRawBufferPointer?, _ uri: UnsafeRawBufferPointer?) -> R
    ) throws(Corruption) -> R {
        let texts = try texts(of: row)
        return body(texts.document, texts.uri)
    }

    /// Removes from `candidates`, whose bound is `rowCount`, the rows that have no vector.
    public func keepRowsWithVectors(_ candidates: inout OrdinalSet) throws(Corruption) {
        precondition(candidates.bound == rowCount)
        for index in 0..<candidates.wordCount {
            let word = candidates.word(index)
            guard word != 0 else { continue }
            let flags = try bytes(.rowFlags, index * 64, min(64, rowCount - index * 64))
            // Mostly all of them have one.
            if flags.count == 64, Self.haveVectors(flags) { continue }
            var kept = word
            for (bit, flag) in flags.enumerated() where flag & SegmentFormat.RowFlag.hasVector == 0 { kept &= ~(1 << UInt64(bit)) }
            if kept != word { candidates.setWord(index, kept) }
        }
    }

    /// Whether each of 64 rows has a vector, by their flags.
    private static func haveVectors(_ flags: UnsafeRawBufferPointer) -> Bool {
        let common = stride(from: 0, to: 64, by: 8).reduce(UInt64.max) { $0 & flags.loadUnaligned(fromByteOffset: $1, as: UInt64.self) }
        let wanted = UInt64(SegmentFormat.RowFlag.hasVector) &* 0x0101_0101_0101_0101
        return common & wanted == wanted
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
