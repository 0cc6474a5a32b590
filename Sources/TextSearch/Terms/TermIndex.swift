import ByteCoding

/// For each term, the rows whose documents have it and how often, with bounds for each 128 rows: what ranking by BM25 needs.
///
/// An index is a cache over the documents of one sealed part. Its image is checked once when it is opened, so that no byte in it can lead a reader
/// elsewhere.
public struct TermIndex: Sendable {
    /// Rows of the part, with those without a document.
    public let rowCount: Int
    /// Different terms.
    public let termCount: Int
    /// How the documents were made terms. Queries must be analysed alike.
    public let analysis: TextAnalysis
    /// Rows that have a term.
    let documentCount: Int
    /// Terms of all rows, with repetitions.
    let totalLength: Int
    let image: TextImage
    let layout: TermIndexFormat.Layout
    /// Terms of each row's document, with repetitions.
    let lengths: PackedNumbers<UInt32>
    let frequencies: PackedNumbers<UInt32>
    private let textEnds: PackedNumbers<UInt64>
    private let blockEnds: PackedNumbers<UInt64>

    /// Opens an image and checks all of it. Cost: one pass over its bytes.
    /// - Parameter rowCount: the rows of the part that it is to be about.
    public init(_ image: TextImage, rowCount: Int) throws(TextImageDamage) {
        let header = try TermIndexHeader(image.bytes, rowCount: rowCount)
        self.image = image
        self.rowCount = rowCount
        layout = header.layout
        termCount = header.termCount
        documentCount = header.documentCount
        totalLength = header.totalLength
        lengths = PackedNumbers(image.bytes, at: layout.lengths)
        frequencies = PackedNumbers(image.bytes, at: layout.frequencies)
        textEnds = PackedNumbers(image.bytes, at: layout.textEnds)
        blockEnds = PackedNumbers(image.bytes, at: layout.blockEnds)
        do throws(DecodingFailure) {
            analysis = try TextAnalysis(decoding: UnsafeRawBufferPointer(rebasing: image.bytes[layout.analysis]))
        } catch {
            throw TextImageDamage(offset: layout.analysis.lowerBound + error.offset, "the analysis is malformed")
        }
        try check(header)
    }

    /// Bytes of its image.
    public var byteCount: Int { image.bytes.count }

    /// The number of a term in the index; nil when no document has it. Cost: a binary search.
    func number(of term: [UInt8]) -> Int? {
        var (low, high) = (0, termCount)
        while low < high {
            let middle = (low + high) / 2
            if text(middle).lexicographicallyPrecedes(term) { low = middle + 1 } else { high = middle }
        }
        return low < termCount && text(low).elementsEqual(term) ? low : nil
    }

    func text(_ term: Int) -> UnsafeRawBufferPointer {
        let start = term == 0 ? 0 : Int(textEnds[term - 1])
        return UnsafeRawBufferPointer(rebasing: image.bytes[layout.text.lowerBound + start..<layout.text.lowerBound + Int(textEnds[term])])
    }

    /// The numbers of a term's blocks.
    func blocks(of term: Int) -> Range<Int> { (term == 0 ? 0 : Int(blockEnds[term - 1]))..<Int(blockEnds[term]) }

    func block(_ number: Int) -> TermIndexFormat.Block {
        let start = layout.blocks + number * TermIndexFormat.blockBytes
        // SAFETY: the section holds as many blocks as the check has found.
        func field<Number: BitwiseCopyable>(_ offset: Int) -> Number { image.bytes.loadUnaligned(fromByteOffset: start + offset, as: Number.self) }
        return TermIndexFormat.Block(postingEnd: field(0), lastRow: field(8), frequencyMax: field(12), lengthMin: field(16), reserved: field(20))
    }

    /// Where a block's postings begin.
    func postingStart(_ block: Int) -> Int {
        layout.postings.lowerBound + (block == 0 ? 0 : Int(self.block(block - 1).postingEnd))
    }

    // MARK: Checks

    private func check(_ header: TermIndexHeader) throws(TextImageDamage) {
        var (rows, total) = (0, 0)
        for row in 0..<rowCount where lengths[row] > 0 {
            rows += 1
            total += Int(lengths[row])
        }
        guard rows == documentCount, total == totalLength else { throw TextImageDamage(offset: layout.lengths, "lengths do not sum up") }
        try checkTerms(header)
        var postingEnd: UInt64 = 0
        for term in 0..<termCount {
            var rest = Int(frequencies[term])
            var after = 0
            for number in blocks(of: term) {
                let rows = min(rest, TermIndexFormat.blockRows)
                let found = scannedBlock(from: Int(postingEnd), rows: rows, after: after)
                guard let found, found == block(number) else {
                    throw TextImageDamage(offset: layout.blocks + number * TermIndexFormat.blockBytes, "block \(number) is malformed")
                }
                postingEnd = found.postingEnd
                after = Int(found.lastRow) + 1
                rest -= rows
            }
        }
        guard postingEnd == UInt64(layout.postings.count) else { throw TextImageDamage(offset: 32, "postings end at \(postingEnd)") }
    }

    /// Terms ascend, and each has as many blocks as its rows need.
    private func checkTerms(_ header: TermIndexHeader) throws(TextImageDamage) {
        var (textEnd, blockEnd) = (UInt64(0), UInt64(0))
        for term in 0..<termCount {
            guard textEnds[term] > textEnd, textEnds[term] <= UInt64(layout.text.count),
                term == 0 || text(term - 1).lexicographicallyPrecedes(text(term))
            else {
                throw TextImageDamage(offset: layout.textEnds + 8 * term, "term \(term) is not above the one before")
            }
            let rows = Int(frequencies[term])
            guard rows > 0, rows <= rowCount, blockEnds[term] == blockEnd + UInt64(TermIndexFormat.blocks(ofRows: rows)),
                blockEnds[term] <= UInt64(header.blockCount)
            else { throw TextImageDamage(offset: layout.blockEnds + 8 * term, "term \(term) has \(rows) rows and blocks up to \(blockEnds[term])") }
            (textEnd, blockEnd) = (textEnds[term], blockEnds[term])
        }
        guard textEnd == UInt64(layout.text.count) else { throw TextImageDamage(offset: 24, "terms end at \(textEnd)") }
        guard blockEnd == UInt64(header.blockCount) else { throw TextImageDamage(offset: 16, "blocks end at \(blockEnd)") }
    }

    /// What a block must say of the postings from `start` on; nil when they are malformed.
    private func scannedBlock(from start: Int, rows: Int, after first: Int) -> TermIndexFormat.Block? {
        var varints = CheckedVarints(image.bytes, in: layout.postings.lowerBound + start..<layout.postings.upperBound)
        var after = first
        var (frequencyMax, lengthMin) = (UInt32(0), UInt32.max)
        for _ in 0..<rows {
            guard let gap = varints.read(), after + Int(gap) < rowCount, let less = varints.read(), less < UInt32.max else { return nil }
            let row = after + Int(gap)
            guard less < lengths[row] else { return nil }
            frequencyMax = max(frequencyMax, less + 1)
            lengthMin = min(lengthMin, lengths[row])
            after = row + 1
        }
        let end = varints.offset - layout.postings.lowerBound
        return TermIndexFormat.Block(postingEnd: UInt64(end), lastRow: UInt32(after - 1), frequencyMax: frequencyMax, lengthMin: lengthMin)
    }
}
