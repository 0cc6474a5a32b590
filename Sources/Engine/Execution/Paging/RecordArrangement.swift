import Filtering
import VectorModel

/// In which order a `get` returns records, and which of those that match.
public enum RecordArrangement: Hashable, Sendable {
    /// The order of the ids asked for, otherwise that of insertion.
    case usual
    /// By metadata, the first key deciding first. Records that are equal in all keys come in the order of insertion.
    case ordered([RecordOrder])
    /// The order of insertion, from after a cursor on; `nil` from the beginning. Every record that is there from the first page to the last is
    /// returned once, whatever is written meanwhile: updates do not move a record, and new ones come last.
    case scroll(after: ScrollCursor?)
    /// Up to so many records chosen by a seed, each subset as likely as any other, in random order. The same records with the same seed: the same
    /// choice.
    case sample(size: Int, seed: UInt64)
}

/// One key to order records by.
///
/// Numbers come before strings (by their UTF-8), these before booleans, false before true; all of it backwards when descending. Records without the
/// key or with an array come last in both directions. The key `MetadataCondition.identifierKey` is the record's id.
public struct RecordOrder: Hashable, Sendable {
    public var key: String
    public var isDescending: Bool

    public init(key: String, isDescending: Bool = false) {
        self.key = key
        self.isDescending = isDescending
    }

    /// Keys of one request.
    public static let countMax = 16
}

/// The last record that a page of a scroll showed. Valid for the collection that it came from, for ever.
public struct ScrollCursor: Hashable, Sendable {
    let insertionKey: UInt64

    init(insertionKey: UInt64) {
        self.insertionKey = insertionKey
    }

    /// - Parameter text: as `text` gave it; anything else gives `nil`.
    public init?(_ text: String) {
        guard text.utf8.count <= 16, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }), let key = UInt64(text, radix: 16)
        else { return nil }
        insertionKey = key
    }

    /// For clients, to whom it is only a name.
    public var text: String { String(insertionKey, radix: 16) }
}

extension GetRequest {
    /// What can be said against the arrangement before anything is read.
    func checkArrangement(_ limits: Limits) throws(RequestError) {
        switch arrangement {
        case .usual: break
        case .ordered(let orders):
            guard (1...RecordOrder.countMax).contains(orders.count) else {
                throw .invalid("order_by", "must have from 1 to \(RecordOrder.countMax) keys, got \(orders.count)")
            }
        case .scroll:
            guard offset == 0 else { throw .invalid("offset", "cannot be combined with a cursor") }
            guard selector.identifiers == nil else { throw .invalid("ids", "cannot be combined with a cursor") }
        case .sample(let size, _):
            guard offset == 0, limit == nil else { throw .invalid("sample", "cannot be combined with limit and offset") }
            guard (0...limits.resultCount).contains(size) else {
                throw .invalid("sample.size", "must be from 0 to \(limits.resultCount), got \(size)")
            }
        }
    }
}
