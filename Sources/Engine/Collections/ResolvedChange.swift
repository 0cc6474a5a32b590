import ByteCoding
import Segments
import VectorModel

/// A change together with what it means for the records that are there. Applying it cannot fail.
indirect enum ResolvedChange {
    /// What becomes of one record of a batch.
    enum Placement {
        /// An `add` of an id that exists, or an `update` of one that does not.
        case skip
        case insert
        /// A new version of a row of the active memtable.
        case version(row: Int)
        /// A new version of a row that lies in another part; `base` holds what the batch does not say.
        case replacement(of: RowAddress, BaseRecord)
    }

    case write(RecordBatch, [Placement])
    case delete([RowAddress])
    /// One after the other, under one number.
    case group([ResolvedChange])
}

/// The parts of a stored version that a new one keeps.
struct BaseRecord {
    let insertionKey: UInt64
    private let vector: [Float]?
    private let document: String?
    private let uri: String?
    private let metadata: Metadata?

    /// - Parameter fields: what is to be kept; metadata is read in any case, since a change of metadata is merged with it.
    init(_ reader: RowReader, row: Int, _ fields: RecordFields) throws(Corruption) {
        insertionKey = try reader.insertionKey(of: row)
        vector = fields.contains(.vector) ? try reader.withVector(of: row) { $0.map(Array.init) } : nil
        let texts: (document: String?, uri: String?) = fields.isDisjoint(with: [.document, .uri])
            ? (nil, nil)
            : try reader.withTexts(of: row) { document, uri in
                (document.map { String(decoding: $0, as: UTF8.self) }, uri.map { String(decoding: $0, as: UTF8.self) })
            }
        document = fields.contains(.document) ? texts.document : nil
        uri = fields.contains(.uri) ? texts.uri : nil
        metadata = try reader.metadata(of: row)
    }

    /// Calls `body` with this record changed by `change`.
    func withParts(changedBy change: RecordParts, _ body: (RecordParts) -> Void) {
        var merged = change
        merged.document = change.document ?? document
        merged.uri = change.uri ?? uri
        merged.metadata = change.metadata.map { metadata?.merged(with: $0) ?? $0 } ?? metadata
        guard change.vector == nil, let vector else { return body(merged) }
        vector.withUnsafeBufferPointer {
            merged.vector = $0
            body(merged)
        }
    }
}

extension RecordBatch {
    /// The parts that this batch gives for one of its records.
    func fields(of row: Int) -> RecordFields {
        var fields: RecordFields = []
        if let embeddings, embeddings.presence?[row] ?? true { fields.insert(.vector) }
        if documents?[row] != nil { fields.insert(.document) }
        if uris?[row] != nil { fields.insert(.uri) }
        if metadatas?[row] != nil { fields.insert(.metadata) }
        return fields
    }

    /// Calls `body` with the parts of each record, in order. Vectors are borrowed for the call.
    func forEachRecord(_ body: (_ row: Int, RecordParts) -> Void) {
        var nextVector = 0
        for row in 0..<count {
            var parts = RecordParts(document: documents?[row], uri: uris?[row], metadata: metadatas?[row])
            guard let embeddings, embeddings.presence?[row] ?? true else {
                body(row, parts)
                continue
            }
            let start = nextVector * embeddings.dimension
            nextVector += 1
            embeddings.values.withUnsafeBufferPointer { values in
                parts.vector = UnsafeBufferPointer(rebasing: values[start..<start + embeddings.dimension])
                body(row, parts)
            }
        }
    }
}
