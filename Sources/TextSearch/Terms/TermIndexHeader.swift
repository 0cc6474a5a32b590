/// What the first 64 bytes of a term index say, checked against the image's length. The lengths' sums are checked later.
struct TermIndexHeader {
    let termCount: Int
    let blockCount: Int
    let documentCount: Int
    let totalLength: Int
    let layout: TermIndexFormat.Layout

    init(_ bytes: UnsafeRawBufferPointer, rowCount: Int) throws(TextImageDamage) {
        guard bytes.count >= TermIndexFormat.headerBytes else { throw TextImageDamage(offset: 0, "shorter than a header") }
        // SAFETY: every offset below lies in the header.
        func number<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
            bytes.loadUnaligned(fromByteOffset: offset, as: Number.self)
        }
        guard number(0) == TermIndexFormat.magic else { throw TextImageDamage(offset: 0, "no term index") }
        guard number(4) == TermIndexFormat.version else { throw TextImageDamage(offset: 4, "version \(number(4) as UInt32)") }
        guard Int(number(8) as UInt32) == rowCount else { throw TextImageDamage(offset: 8, "\(number(8) as UInt32) rows instead of \(rowCount)") }
        guard number(60) == (0 as UInt32) else { throw TextImageDamage(offset: 60, "reserved bytes are not zero") }
        let layout = try TermIndexFormat.Layout(
            rowCount: number(8), termCount: number(12), blockCount: number(16), textBytes: number(24), postingBytes: number(32),
            analysisBytes: number(40))
        guard layout.end == bytes.count else { throw TextImageDamage(offset: 0, "\(bytes.count) bytes instead of \(layout.end)") }
        try bytes.checkZeros(layout.gaps)
        guard let total = Int(exactly: number(48) as UInt64) else { throw TextImageDamage(offset: 48, "lengths do not sum up") }
        self.layout = layout
        termCount = Int(number(12) as UInt32)
        blockCount = Int(number(16) as UInt64)
        documentCount = Int(number(56) as UInt32)
        totalLength = total
    }
}
