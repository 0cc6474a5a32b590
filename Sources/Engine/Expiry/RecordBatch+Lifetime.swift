import VectorModel

/// How long a collection's records live by themselves.
enum RecordLifetime {
    /// The key of the collection's metadata: how many seconds after it was added or upserted a record expires that does not say itself when.
    static let key = "lyrica:ttl_seconds"

    /// `nil`: for ever. What is no number greater than 0 says nothing.
    static func seconds(_ metadata: Metadata?) -> Double? {
        var seconds: Double?
        if case .integer(let number)? = metadata?[key] { seconds = Double(number) }
        if case .float(let number)? = metadata?[key] { seconds = number }
        return seconds.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    }
}

extension RecordBatch {
    /// The same batch, its records to expire at a moment unless they say another.
    /// - Parameter second: since 1970.
    func expiring(at second: Int64) throws(RequestError) -> RecordBatch {
        let field = MetadataField(key: ExpiredRows.key, value: .integer(second))
        let dated = identifiers.indices.map { row -> Metadata in
            guard let metadata = metadatas?[row] else { return Metadata(fields: [field]) }
            let saysItself = metadata.fields.contains { $0.key == field.key }
            return saysItself ? metadata : Metadata(fields: metadata.fields + [field])
        }
        // What was within the limits may have one key more.
        return try RecordBatch(
            identifiers: identifiers, embeddings: embeddings, documents: documents, uris: uris, metadatas: dated, limits: .unbounded)
    }
}
