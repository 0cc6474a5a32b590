package import Filtering
import Synchronization
package import TextSearch

/// What filters ask instead of looking at each of a memtable's first rows. Any number of threads may use it.
///
/// Rows never change once they are appended, so it stays true whatever is written later; it is only of fewer and fewer of the rows.
package final class MemtableLookup: Sendable {
    /// The rows that it is of: so many, from the first on.
    package let rowCount: Int
    /// By the numbers of the memtable's keys; keys that appeared later are not in it.
    package let columns: ColumnIndex
    /// `nil`: none of the rows has a document.
    package let trigrams: TrigramIndex?

    /// What it takes of memory.
    var byteCount: Int { columns.byteCount + (trigrams?.byteCount ?? 0) }

    init(rowCount: Int, columns: ColumnIndex, trigrams: TrigramIndex?) {
        (self.rowCount, self.columns, self.trigrams) = (rowCount, columns, trigrams)
    }

    /// Whether it is time for a new one. It grows by half at least, so that all of a memtable's together cost three times what the last one does.
    /// - Parameters:
    ///   - rowCount: rows that there are.
    ///   - indexed: rows that the last one is of.
    ///   - newRowsMin: so many rows are to be new at least.
    static func isWorthwhile(_ rowCount: Int, indexed: Int, newRowsMin: Int) -> Bool { rowCount - indexed >= max(newRowsMin, indexed / 2) }
}

/// Where a memtable keeps its lookup, so that everybody who has the memtable sees it at once.
final class MemtableLookupSlot: Sendable {
    private struct Content {
        var lookup: MemtableLookup?
        var isWanted = false
    }

    /// Fewer rows that no lookup is of are looked at in microseconds.
    let newRowsMin: Int
    private let content = Mutex(Content())

    init(newRowsMin: Int) { self.newRowsMin = newRowsMin }

    var lookup: MemtableLookup? { content.withLock { $0.lookup } }

    /// Notes that a filter went through rows that a lookup should be of. Returns whether it is the first to say so since the last one was made.
    func want(rowCount: Int) -> Bool {
        content.withLock { content in
            let indexed = content.lookup?.rowCount ?? 0
            guard !content.isWanted, MemtableLookup.isWorthwhile(rowCount, indexed: indexed, newRowsMin: newRowsMin) else { return false }
            content.isWanted = true
            return true
        }
    }

    /// Takes a new lookup, unless there is one of more rows.
    func set(_ lookup: MemtableLookup) {
        content.withLock { content in
            content.isWanted = false
            if lookup.rowCount > content.lookup?.rowCount ?? 0 { content.lookup = lookup }
        }
    }
}
