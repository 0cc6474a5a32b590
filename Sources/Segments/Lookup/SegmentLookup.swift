package import Filtering
package import TextSearch

/// What lies beside a segment so that filters need not look at each row: checked and ready. Any number of threads may use it.
public final class SegmentLookup: Sendable {
    package let columns: ColumnIndex
    /// `nil`: no row has a document.
    package let trigrams: TrigramIndex?
    /// `nil`: no row has a document.
    package let terms: TermIndex?
    let sparse: SparseLookup
    /// The length of the file.
    public let byteCount: Int

    init(columns: ColumnIndex, trigrams: TrigramIndex?, terms: TermIndex?, sparse: SparseLookup, byteCount: Int) {
        (self.columns, self.trigrams, self.terms, self.sparse) = (columns, trigrams, terms, sparse)
        self.byteCount = byteCount
    }
}

extension SegmentLookup {
    /// How documents become words in the index of words: as a query does that asks for nothing else.
    package static let textAnalysis = TextAnalysis.plain
}

/// What is known of a segment's lookup file.
public enum SegmentLookupState: Sendable {
    /// There is none, or nobody has looked yet.
    case none
    /// There is a file, which nobody has opened: the first filter has it opened.
    case closed(byteCount: Int)
    case open(SegmentLookup)

    /// The length of the file; 0 if there is none.
    public var byteCount: Int {
        switch self {
        case .none: 0
        case .closed(let byteCount): byteCount
        case .open(let lookup): lookup.byteCount
        }
    }
}
