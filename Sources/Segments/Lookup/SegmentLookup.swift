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

/// What is known of a segment's lookup file.
public enum SegmentLookupState: Sendable {
    /// There is none, or nobody has looked yet.
    case none
    /// There is a file, which nobody has opened: the first filter has it opened.
    ///
    /// `analysis`: of the one that its index of words was made with, the checksum; 0 when it has none.
    case closed(byteCount: Int, analysis: UInt32)
    case open(SegmentLookup)

    /// The length of the file; 0 if there is none.
    public var byteCount: Int {
        switch self {
        case .none: 0
        case .closed(let byteCount, _): byteCount
        case .open(let lookup): lookup.byteCount
        }
    }

    /// Whether there is a file, whose index of words is for queries of this analysis; so where no row has a document.
    package func isMade(with analysis: TextAnalysis) -> Bool {
        switch self {
        case .none: false
        case .closed(_, let checksum): checksum == 0 || checksum == analysis.checksum
        case .open(let lookup): lookup.terms.map { $0.analysis == analysis } ?? true
        }
    }
}
