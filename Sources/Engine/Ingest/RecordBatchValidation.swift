import VectorModel

/// The shape rules and limits of a batch. After they hold, only the disk can make a write fail.
enum RecordBatchValidation {
    static func check(_ batch: RecordBatch, limits: Limits) throws(RequestError) {
        guard batch.count <= limits.batchRows else {
            throw RequestError(.batchTooLarge(rows: batch.count, limit: limits.batchRows))
        }
        try checkLengths(batch)
        try checkIdentifiers(batch.identifiers, limits)
        if let embeddings = batch.embeddings { try checkEmbeddings(embeddings, limits) }
        if let documents = batch.documents { try checkTexts(documents, "documents", limits.documentBytes) }
        if let uris = batch.uris { try checkTexts(uris, "uris", limits.uriBytes) }
        for (row, metadata) in (batch.metadatas ?? []).enumerated() {
            if let metadata { try MetadataValidation.check(metadata, field: "metadatas[\(row)]", limits) }
        }
    }

    private static func checkLengths(_ batch: RecordBatch) throws(RequestError) {
        let columns = [
            ("embeddings", batch.embeddings.map { $0.presence?.count ?? $0.values.count / $0.dimension }),
            ("documents", batch.documents?.count), ("uris", batch.uris?.count), ("metadatas", batch.metadatas?.count),
        ]
        for (name, count) in columns {
            if let count, count != batch.count {
                throw .invalid(name, "has \(count) entries for \(batch.count) ids")
            }
        }
    }

    private static func checkIdentifiers(_ identifiers: [String], _ limits: Limits) throws(RequestError) {
        var seen = Set<String>(minimumCapacity: identifiers.count)
        var repeated: [String] = []
        for (row, identifier) in identifiers.enumerated() {
            let bytes = identifier.utf8.count
            guard bytes > 0 else { throw .invalid("ids[\(row)]", "is empty; an id has at least one character") }
            guard bytes <= limits.identifierBytes else {
                throw .invalid("ids[\(row)]", "has \(bytes) bytes; the limit is \(limits.identifierBytes)")
            }
            if !seen.insert(identifier).inserted { repeated.append(identifier) }
        }
        if !repeated.isEmpty { throw RequestError(.duplicateIdentifiers(repeated)) }
    }

    private static func checkEmbeddings(_ embeddings: EmbeddingColumn, _ limits: Limits) throws(RequestError) {
        guard embeddings.dimension <= limits.dimension else {
            throw .invalid("embeddings", "have \(embeddings.dimension) dimensions; the limit is \(limits.dimension)")
        }
        if let place = embeddings.values.firstIndex(where: { !$0.isFinite }) {
            throw .invalid("embeddings", "vector \(place / embeddings.dimension) has NaN or an infinity at position \(place % embeddings.dimension)")
        }
    }

    private static func checkTexts(_ texts: [String?], _ field: String, _ limit: Int) throws(RequestError) {
        for (row, text) in texts.enumerated() {
            if let bytes = text?.utf8.count, bytes > limit {
                throw .invalid("\(field)[\(row)]", "has \(bytes) bytes; the limit is \(limit)")
            }
        }
    }
}

/// The limits of one record's or collection's metadata.
enum MetadataValidation {
    static func check(_ metadata: Metadata, field: String, _ limits: Limits) throws(RequestError) {
        guard metadata.fields.count <= limits.metadataKeys else {
            throw .invalid(field, "has \(metadata.fields.count) keys; the limit is \(limits.metadataKeys)")
        }
        for entry in metadata.fields {
            let keyBytes = entry.key.utf8.count
            guard keyBytes <= limits.metadataKeyBytes else {
                throw .invalid(field, "has a key of \(keyBytes) bytes; the limit is \(limits.metadataKeyBytes)")
            }
            if let value = entry.value { try check(value, field: field, limits) }
        }
    }

    private static func check(_ value: MetadataValue, field: String, _ limits: Limits) throws(RequestError) {
        switch value {
        case .string(let string): try checkString(string, field, limits)
        case .integer, .float, .boolean: break
        case .strings(let strings):
            try checkCount(strings.count, field, limits)
            for string in strings { try checkString(string, field, limits) }
        case .integers(let elements): try checkCount(elements.count, field, limits)
        case .floats(let elements): try checkCount(elements.count, field, limits)
        case .booleans(let elements): try checkCount(elements.count, field, limits)
        case .sparse(let vector):
            guard vector.count <= limits.sparseVectorCount else {
                throw .invalid(field, "has a sparse vector of \(vector.count) indices; the limit is \(limits.sparseVectorCount)")
            }
            for label in vector.labels ?? [] { try checkString(label, field, limits) }
        }
    }

    private static func checkString(_ string: String, _ field: String, _ limits: Limits) throws(RequestError) {
        guard string.utf8.count <= limits.metadataStringBytes else {
            throw .invalid(field, "has a string of \(string.utf8.count) bytes; the limit is \(limits.metadataStringBytes)")
        }
    }

    private static func checkCount(_ count: Int, _ field: String, _ limits: Limits) throws(RequestError) {
        guard count <= limits.metadataArrayCount else {
            throw .invalid(field, "has an array of \(count) elements; the limit is \(limits.metadataArrayCount)")
        }
    }
}
