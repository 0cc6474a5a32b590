import ByteCoding
import ColumnStore
import Filtering
import Indexes
import TextSearch

/// Makes the sections of a segment's lookup file from its rows. Used by one thread, once.
struct SegmentLookupBuilder {
    private let cursor: SegmentCursor
    /// How documents become words in the index of words.
    private let analysis: TextAnalysis

    /// Documents that are read between two calls of `pace`.
    private static let documentsPerPace = 256

    init(_ cursor: SegmentCursor, _ analysis: TextAnalysis) {
        (self.cursor, self.analysis) = (cursor, analysis)
    }

    /// By `LookupSection.allCases`.
    func sections(_ pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) -> [ByteBlock] {
        let columns = try columns(pace)
        let documents = try documents(pace)
        return [columns, documents.trigrams, documents.terms, try sparse(pace)]
    }

    private func columns(_ pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) -> ByteBlock {
        var builder = ColumnIndexBuilder(rowCount: cursor.rowCount)
        for number in 0..<cursor.layout[.columns].count {
            do throws(Corruption) { builder.append(try cursor.entries(ofColumn: number)) } catch { throw .source(error) }
            try pace()
        }
        return builder.finish()
    }

    /// Both indexes of the documents, in one pass over them; empty where there are none.
    private func documents(_ pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) -> (trigrams: ByteBlock, terms: ByteBlock) {
        var trigrams = TrigramIndexBuilder()
        var terms = TermIndexBuilder(analysis)
        var count = 0
        for row in 0..<cursor.rowCount {
            let document: UnsafeRawBufferPointer?
            do throws(Corruption) { document = try cursor.document(of: row) } catch { throw .source(error) }
            guard let document else { continue }
            trigrams.add(row: row, document: document)
            terms.add(row: row, document: document)
            count += 1
            if count.isMultiple(of: Self.documentsPerPace) { try pace() }
        }
        guard count > 0 else { return (ByteWriter().finish(), ByteWriter().finish()) }
        return (trigrams.finish(rowCount: cursor.rowCount), terms.finish(rowCount: cursor.rowCount))
    }

    private func sparse(_ pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) -> ByteBlock {
        var indexes: [(column: Int, index: SparseIndex)] = []
        for number in 0..<cursor.layout[.columns].count {
            var failure: IndexBuildError?
            do throws(Corruption) {
                let index = try cursor.sparseIndex(ofColumn: number) {
                    do throws(IndexBuildError) { try pace() } catch { failure = error }
                    return failure == nil
                }
                if let index { indexes.append((number, index)) }
            } catch { throw .source(error) }
            if let failure { throw failure }
        }
        return SparseLookup.encoded(indexes)
    }
}

extension SegmentCursor {
    /// Every value of a metadata key.
    fileprivate func entries(ofColumn number: Int) throws(Corruption) -> ColumnEntries {
        let column = try column(number)
        var entries = ColumnEntries()
        for index in 0..<column.count {
            let row = column.layout == .dense ? index : try row(column, index)
            entries.append(row: row, try entry(column, index))
        }
        return entries
    }
}
