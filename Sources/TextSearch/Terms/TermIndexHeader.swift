import ByteCoding

/// What the first 64 bytes of a term index say, checked against the image's length. The lengths' sums are checked later.
struct TermIndexHeader {
    let termCount: Int
    let blockCount: Int
    let documentCount: Int
    let totalLength: Int
    let layout: TermIndexFormat.Layout

    init(_ bytes: UnsafeRawBufferPointer, rowCount: Int) throws(TextImageDamage) {
        try TermIndexFormat.head.check(bytes, rowCount: rowCount)
        guard bytes.integer(at: 60, as: UInt32.self) == 0 else { throw TextImageDamage(offset: 60, "reserved bytes are not zero") }
        let (terms, documents): (UInt32, UInt32) = (bytes.integer(at: 12), bytes.integer(at: 56))
        let (blocks, lengthSum): (UInt64, UInt64) = (bytes.integer(at: 16), bytes.integer(at: 48))
        let layout = try TermIndexFormat.Layout(
            rowCount: rowCount, termCount: terms, blockCount: blocks, textBytes: bytes.integer(at: 24), postingBytes: bytes.integer(at: 32),
            analysisBytes: bytes.integer(at: 40))
        try bytes.check(layout.sections)
        guard let total = Int(exactly: lengthSum) else { throw TextImageDamage(offset: 48, "lengths do not sum up") }
        self.layout = layout
        (termCount, blockCount, documentCount, totalLength) = (Int(terms), Int(blocks), Int(documents), total)
    }
}
