public import Engine
import VectorModel

extension RequestDecoder {
    /// Reads the body of an add, update or upsert.
    ///
    /// An id that stands twice is refused in an add; in the others its rows are joined, which gives what applying them in order gives.
    public func write(_ body: RequestBody, as kind: WriteKind) throws(WireError) -> RecordBatch {
        try read(body, Self.target(kind)) { fields throws(WireError) in
            var rows = try rows(fields, kind: kind)
            if kind != .add { rows.joinRepeats() }
            return try batch(rows)
        }
    }

    /// Reads the same from an object in a body, where no id may stand twice.
    func write(_ fields: JSONFields, as kind: WriteKind) throws(WireError) -> RecordBatch {
        try batch(rows(fields, kind: kind))
    }

    private func rows(_ fields: JSONFields, kind: WriteKind) throws(WireError) -> WriteRows {
        let identifiers = try fields.required("ids")
        try checkRowCounts(identifiers, fields)
        var rows = WriteRows(identifiers: try fields.strings("ids", identifiers))
        var broken = BrokenRule(dialect)
        try broken.unlessRule { () throws(WireError) in rows.embeddings = try embeddings(fields, kind: kind) }
        rows.documents = try fields.optionalStrings("documents")
        rows.uris = try fields.optionalStrings("uris")
        try broken.unlessRule { () throws(WireError) in rows.metadatas = try metadatas(fields, kind: kind) }
        try broken.report()
        guard rows.isConsistent else { throw .rule(Self.inconsistentCountsText, dialect) }
        guard !rows.identifiers.contains(where: \.isEmpty) else { throw .rule("Empty ID, ID must have at least one character", dialect) }
        return rows
    }

    /// Before any row is read: a body of the largest size can hold tens of millions.
    private func checkRowCounts(_ identifiers: JSONValue, _ fields: JSONFields) throws(WireError) {
        guard identifiers.kind == .array else { return }
        guard identifiers.count <= limits.batchRows else {
            throw WireError(RequestError(.batchTooLarge(rows: identifiers.count, limit: limits.batchRows)), dialect: dialect)
        }
        for name in ["documents", "uris", "metadatas"] {
            guard let column = try fields.optional(name), column.kind == .array else { continue }
            guard column.count <= limits.batchRows else { throw .rule(Self.inconsistentCountsText, dialect) }
        }
    }

    private static let inconsistentCountsText = "Inconsistent number of IDs, embeddings, documents, URIs and metadatas"

    static func target(_ kind: WriteKind) -> String {
        switch kind {
        case .add: "AddCollectionRecordsPayload"
        case .update: "UpdateCollectionRecordsPayload"
        case .upsert: "UpsertCollectionRecordsPayload"
        }
    }

    /// Version 2 wants a vector for every new record; version 1 takes documents alone.
    private func embeddings(_ fields: JSONFields, kind: WriteKind) throws(WireError) -> EmbeddingRows? {
        let isRequired = dialect.version == .v2 && kind != .update
        let value = isRequired ? try fields.required("embeddings") : try fields.optional("embeddings")
        guard let value else { return nil }
        return try embeddings(value, allowsNull: !isRequired)
    }

    private func metadatas(_ fields: JSONFields, kind: WriteKind) throws(WireError) -> [Metadata?]? {
        guard let value = try fields.optional("metadatas") else { return nil }
        try fields.requireArray(value, "metadatas")
        var metadatas: [Metadata?] = []
        metadatas.reserveCapacity(value.count)
        try value.forEachElement { (row: Int, element: JSONValue) throws(WireError) in
            metadatas.append(element.isNull ? nil : try recordMetadata(element, row: row, kind: kind))
        }
        return metadatas
    }

    private func batch(_ rows: WriteRows) throws(WireError) -> RecordBatch {
        do throws(RequestError) {
            return try RecordBatch(
                identifiers: rows.identifiers, embeddings: rows.embeddings?.column, documents: rows.documents, uris: rows.uris,
                metadatas: rows.metadatas, limits: limits)
        } catch {
            throw WireError(error, dialect: dialect)
        }
    }
}

/// The columns of a write request before they become a batch.
struct WriteRows {
    var identifiers: [String]
    var embeddings: EmbeddingRows?
    var documents: [String?]?
    var uris: [String?]?
    var metadatas: [Metadata?]?

    init(identifiers: [String]) {
        self.identifiers = identifiers
    }

    var isConsistent: Bool {
        [embeddings?.count, documents?.count, uris?.count, metadatas?.count].allSatisfy { $0 == nil || $0 == identifiers.count }
    }

    /// Leaves each id once, at its first place, with the last part given of each kind and all changes of metadata.
    mutating func joinRepeats() {
        var places = [String: Int](minimumCapacity: identifiers.count)
        var targets: [Int] = []
        targets.reserveCapacity(identifiers.count)
        for identifier in identifiers {
            let place = places[identifier] ?? places.count
            places[identifier] = place
            targets.append(place)
        }
        guard places.count < identifiers.count else { return }
        var kept = [String](repeating: "", count: places.count)
        for (row, place) in targets.enumerated() { kept[place] = identifiers[row] }
        identifiers = kept
        documents = documents.map { Self.joined($0, targets, kept.count) { _, later in later } }
        uris = uris.map { Self.joined($0, targets, kept.count) { _, later in later } }
        metadatas = metadatas.map { Self.joined($0, targets, kept.count) { earlier, later in Metadata(fields: earlier.fields + later.fields) } }
        embeddings = embeddings?.joined(targets, kept.count)
    }

    private static func joined<Part>(_ parts: [Part?], _ targets: [Int], _ count: Int, _ join: (Part, Part) -> Part) -> [Part?] {
        var result = [Part?](repeating: nil, count: count)
        for (row, place) in targets.enumerated() {
            guard let part = parts[row] else { continue }
            result[place] = result[place].map { join($0, part) } ?? part
        }
        return result
    }
}

extension EmbeddingRows {
    /// The last vector given for each of `count` targets.
    fileprivate func joined(_ targets: [Int], _ count: Int) -> EmbeddingRows {
        var last = [ArraySlice<Float>?](repeating: nil, count: count)
        var index = 0
        for (row, place) in targets.enumerated() where presence[row] {
            last[place] = vector(row, index: index)
            index += 1
        }
        return EmbeddingRows(rows: last, dimension: dimension)
    }
}
