public import ByteCoding

/// A block of texts, or its beginning, ready to read.
struct SegmentTexts {
    let block: Int
    /// Owns `bytes`; `nil` when they lie in the mapping.
    let owner: ByteBlock?
    // SAFETY: valid as long as `owner` or the mapping.
    let bytes: UnsafeRawBufferPointer
}

/// The texts of one row.
struct SegmentRowTexts {
    let document: UnsafeRawBufferPointer?
    let uri: UnsafeRawBufferPointer?
    /// Owns the bytes; `nil` when they lie in the mapping.
    let owner: ByteBlock?
}

extension SegmentCursor {
    /// The document's UTF-8, or `nil` if the row has none. Valid until the next call of a method of the cursor.
    public func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer? {
        try texts(of: row).document
    }

    /// Document and URI of a row. The block that holds them stays open, so that the rows that follow cost nothing more.
    func texts(of row: Int) throws(Corruption) -> SegmentRowTexts {
        typealias Field = SegmentFormat.TextPlaceField
        typealias Flag = SegmentFormat.RowFlag
        let flags = try flags(of: row)
        let place = try bytes(.textPlaces, row * 16, 16)
        func field(_ field: Field) -> Int { Int(place.load(fromByteOffset: field.rawValue, as: UInt32.self)) }
        let (documentLength, uriLength) = (field(.documentLength), field(.uriLength))
        guard flags & Flag.hasDocument != 0 || documentLength == 0, flags & Flag.hasURI != 0 || uriLength == 0 else {
            throw corruption(
                .textPlaces, row * 16, expected: "no bytes of a text that the row does not have", found: "\(documentLength) and \(uriLength)")
        }
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        var owner: ByteBlock?
        if documentLength + uriLength > 0 {
            let start = field(.offset)
            let texts = try openTexts(block: field(.block), through: start + documentLength + uriLength)
            guard start + documentLength + uriLength <= texts.bytes.count else {
                throw corruption(
                    .textPlaces, row * 16, expected: "texts in a block of \(texts.bytes.count) bytes",
                    found: "\(documentLength) and \(uriLength) bytes from \(start)")
            }
            bytes = UnsafeRawBufferPointer(rebasing: texts.bytes[start..<start + documentLength + uriLength])
            owner = texts.owner
        }
        return SegmentRowTexts(
            document: flags & Flag.hasDocument != 0 ? UnsafeRawBufferPointer(rebasing: bytes[..<documentLength]) : nil,
            uri: flags & Flag.hasURI != 0 ? UnsafeRawBufferPointer(rebasing: bytes[documentLength...]) : nil, owner: owner)
    }

    /// The texts of a block, whose number comes from the file, at least up to `end` if the block is so long.
    func openTexts(block: Int, through end: Int) throws(Corruption) -> SegmentTexts {
        if let openTexts, openTexts.block == block, openTexts.bytes.count >= end { return openTexts }
        typealias Field = SegmentFormat.TextBlockField
        guard block < layout[.textBlocks].count else {
            throw corruption(.textBlocks, 0, expected: "a block of number \(block)", found: "\(layout[.textBlocks].count) blocks")
        }
        let entry = try bytes(.textBlocks, block * 16, 16)
        let offset = Int(clamping: entry.load(fromByteOffset: Field.offset.rawValue, as: UInt64.self))
        let storedLength = Int(entry.load(fromByteOffset: Field.storedLength.rawValue, as: UInt32.self))
        let rawLength = Int(entry.load(fromByteOffset: Field.rawLength.rawValue, as: UInt32.self))
        guard storedLength <= rawLength, storedLength <= layout[.textBytes].length, offset <= layout[.textBytes].length - storedLength else {
            throw corruption(
                .textBlocks, block * 16, expected: "a block within \(layout[.textBytes].length) bytes",
                found: "\(storedLength) bytes from \(offset) for \(rawLength)")
        }
        let stored = try bytes(.textBytes, offset, storedLength)
        let texts: SegmentTexts
        if storedLength == rawLength {
            texts = SegmentTexts(block: block, owner: nil, bytes: stored)
        } else {
            // Who comes from another place probably wants one row, and goes: what follows it in the block is left compressed.
            let isVisit = openTexts.map { !($0.block...$0.block + 1).contains(block) } ?? true
            let owner = try decompress(stored, rawLength, prefixBytes: isVisit ? end : rawLength, at: offset)
            texts = SegmentTexts(block: block, owner: owner, bytes: UnsafeRawBufferPointer(rebasing: owner.unsafePaddedBytes[..<owner.count]))
        }
        openTexts = texts
        return texts
    }

    private func decompress(
        _ stored: UnsafeRawBufferPointer, _ rawLength: Int, prefixBytes: Int, at offset: Int
    ) throws(Corruption) -> ByteBlock {
        do throws(DecodingFailure) {
            return try LZ4Block.decompress(stored, declaredBytes: rawLength, prefixBytes: prefixBytes, bytesMax: LZ4Block.sourceBytesMax)
        } catch {
            throw corruption(.textBytes, offset, expected: "an LZ4 block of \(rawLength) bytes", found: error.description)
        }
    }
}
