public import ByteCoding

/// Builds a term index from documents that are given one after the other.
///
/// Each different word is analysed once. Memory: the words and terms, and at most about twice the postings. The same documents give the same image.
public struct TermIndexBuilder: ~Copyable {
    private static let noTerm: Int32 = -1

    private let analyzer: TextAnalyzer
    private var words = WordTable()
    /// The number of each word's term.
    private var termOfWord: [Int32] = []
    private var terms = WordTable()
    /// How often each term has come in the document that is being read.
    private var pending: [UInt32] = []
    private var postings = PostingLists()
    private var lengths: [UInt32] = []
    private var touched: [Int] = []

    public init(_ analysis: TextAnalysis) {
        analyzer = TextAnalyzer(analysis)
    }

    /// Adds the next rows' documents.
    /// - Parameters:
    ///   - row: above every row before; rows that are left out have no document.
    ///   - document: UTF-8 as stored; other bytes separate words.
    public mutating func add(row: Int, document: UnsafeRawBufferPointer) {
        precondition(row >= lengths.count && row < Int(UInt32.max))
        lengths.append(contentsOf: repeatElement(0, count: row - lengths.count))
        var length: UInt32 = 0
        WordSplitter.forEachWord(in: document) { word in
            let term = number(ofTermFor: word)
            guard term != Self.noTerm else { return }
            if pending[Int(term)] == 0 { touched.append(Int(term)) }
            pending[Int(term)] += 1
            length += 1
        }
        lengths.append(length)
        for term in touched {
            postings.append(row: UInt32(row), to: term)
            postings.append(pending[term] - 1, to: term)
            pending[term] = 0
        }
        touched.removeAll(keepingCapacity: true)
    }

    private mutating func number(ofTermFor word: UnsafeBufferPointer<UInt8>) -> Int32 {
        let (number, isNew) = words.number(word)
        guard isNew else { return termOfWord[number] }
        guard let term = analyzer.term(of: word) else {
            termOfWord.append(Self.noTerm)
            return Self.noTerm
        }
        let (termNumber, isNewTerm) = term.withUnsafeBufferPointer { terms.number($0) }
        if isNewTerm {
            pending.append(0)
            postings.add()
        }
        termOfWord.append(Int32(termNumber))
        return Int32(termNumber)
    }

    /// Ends building.
    /// - Parameter rowCount: the rows of the part, with those without a document; above every row that was added.
    /// - Returns: the image.
    public consuming func finish(rowCount: Int) -> ByteBlock {
        precondition(rowCount >= lengths.count && rowCount <= Int(UInt32.max))
        lengths.append(contentsOf: repeatElement(0, count: rowCount - lengths.count))
        var texts: [[UInt8]] = []
        for number in 0..<terms.count { texts.append(Array(terms.word(number))) }
        let order = texts.indices.sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) }
        let blocks = blocks(in: order)
        var writer = ByteWriter()
        writeHeader(into: &writer, termCount: order.count, blocks: blocks, textBytes: texts.reduce(0) { $0 + $1.count })
        lengths.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.alignSection()
        for term in order { writer.append(postings.rowCount(term)) }
        writer.alignSection()
        var textEnd: UInt64 = 0
        for term in order {
            textEnd += UInt64(texts[term].count)
            writer.append(textEnd)
        }
        var blockEnd = 0
        for term in order {
            blockEnd += TermIndexFormat.blocks(ofRows: Int(postings.rowCount(term)))
            writer.append(UInt64(blockEnd))
        }
        for block in blocks {
            writer.append(block.postingEnd)
            writer.append(block.lastRow)
            writer.append(block.frequencyMax)
            writer.append(block.lengthMin)
            writer.append(block.reserved)
        }
        for term in order { texts[term].withUnsafeBytes { writer.append(contentsOf: $0) } }
        writer.alignSection()
        var list: [UInt8] = []
        for term in order {
            postings.read(term, into: &list)
            list.withUnsafeBytes { writer.append(contentsOf: $0) }
        }
        writer.alignSection()
        return writer.finish()
    }

    private func writeHeader(into writer: inout ByteWriter, termCount: Int, blocks: [TermIndexFormat.Block], textBytes: Int) {
        var analysis = ByteWriter()
        analyzer.analysis.encode(into: &analysis)
        TermIndexFormat.head.append(to: &writer, rowCount: lengths.count)
        writer.append(UInt32(termCount))
        writer.append(UInt64(blocks.count))
        writer.append(UInt64(textBytes))
        writer.append(blocks.last?.postingEnd ?? 0)
        writer.append(UInt64(analysis.count))
        writer.append(lengths.reduce(UInt64(0)) { $0 + UInt64($1) })
        writer.append(UInt32(lengths.count { $0 > 0 }))
        writer.append(UInt32(0))
        analysis.withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.alignSection()
    }

    /// What is said of each 128 rows of each term.
    private func blocks(in order: [Int]) -> [TermIndexFormat.Block] {
        var blocks: [TermIndexFormat.Block] = []
        var list: [UInt8] = []
        var start = 0
        for term in order {
            postings.read(term, into: &list)
            list.withUnsafeBytes { bytes in
                var varints = TrustedVarints(bytes, at: 0)
                var (after, rest) = (0, Int(postings.rowCount(term)))
                while rest > 0 {
                    var (frequencyMax, lengthMin) = (UInt32(0), UInt32.max)
                    for _ in 0..<min(rest, TermIndexFormat.blockRows) {
                        let row = after + Int(varints.read())
                        frequencyMax = max(frequencyMax, varints.read() + 1)
                        lengthMin = min(lengthMin, lengths[row])
                        after = row + 1
                    }
                    rest -= min(rest, TermIndexFormat.blockRows)
                    let end = start + varints.consumed(since: bytes)
                    blocks.append(.init(postingEnd: UInt64(end), lastRow: UInt32(after - 1), frequencyMax: frequencyMax, lengthMin: lengthMin))
                }
            }
            start += list.count
        }
        return blocks
    }
}
