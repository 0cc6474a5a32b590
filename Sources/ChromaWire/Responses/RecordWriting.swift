public import Engine
import Segments
public import VectorModel

extension ResponseEncoder {
    /// The records found; parts that were not asked for are null.
    /// - Parameter token: for a transaction's read, the moment that it shows.
    public func get(_ result: GetResult, include: IncludeSet, token: SequenceNumber? = nil) -> WireBytes {
        write(capacity: 256 + result.records.count * 64) { writer in
            writer.raw("{")
            writer.columns(result.records, include) { writer, records, element in
                writer.array(records) { writer, record in element(&writer, record) }
            }
            writer.scroll(result.scroll)
            trailer(&writer, include)
            if let token {
                writer.raw(#","read_token":"#)
                writer.integer(Int64(clamping: token.rawValue))
            }
            writer.raw("}")
        }
    }

    /// Where in the log a transaction's changes are, and how many records they name.
    public func committed(_ transaction: ConditionalCommit, at number: SequenceNumber?) -> WireBytes {
        write { writer in
            writer.raw(#"{"first_inserted_record_offset":"#)
            if let number { writer.integer(Int64(clamping: number.rawValue)) } else { writer.null() }
            writer.raw(#","record_count":"#)
            writer.integer(transaction.recordCount)
            writer.raw("}")
        }
    }

    /// The answers of each query vector; parts that were not asked for are null.
    public func query(_ result: QueryResult, include: IncludeSet) -> WireBytes {
        write(capacity: 256 + result.hits.count * 1_024) { writer in
            writer.raw("{")
            writer.columns(result.hits, include) { writer, hits, element in
                writer.array(hits) { writer, list in
                    writer.array(list) { writer, hit in element(&writer, hit.record) }
                }
            }
            writer.raw(#","distances":"#)
            if include.contains(.distances) {
                writer.array(result.hits) { writer, list in
                    writer.array(list) { writer, hit in writer.float(hit.distance) }
                }
            } else {
                writer.null()
            }
            trailer(&writer, include)
            if let explanation = result.explanation {
                writer.raw(#","explain":"#)
                writer.explanation(explanation)
            }
            writer.raw("}")
        }
    }

    /// What was asked for; the versions name it differently, and the first has `data`, which is never stored.
    private func trailer(_ writer: inout JSONWriter, _ include: IncludeSet) {
        switch dialect.version {
        case .v1: writer.raw(#","data":null,"included":"#)
        case .v2: writer.raw(#","include":"#)
        }
        writer.array(include.fields) { writer, field in writer.string(field.rawValue) }
    }
}

extension JSONWriter {
    /// Writes one part of one record.
    typealias ElementWriter = (inout JSONWriter, RecordView) -> Void

    /// The columns of records that `get` and `query` share. `lists` writes the values in the nesting of the answer.
    fileprivate mutating func columns<Records>(
        _ records: Records, _ include: IncludeSet, _ lists: (inout JSONWriter, Records, ElementWriter) -> Void
    ) {
        raw(#""ids":"#)
        lists(&self, records) { writer, record in record.withIdentifierBytes { writer.string($0) } }
        let parts: [(StaticString, IncludeSet.Field, ElementWriter)] = [
            (#","embeddings":"#, .embeddings, { writer, record in writer.vector(of: record) }),
            (#","documents":"#, .documents, { writer, record in writer.document(of: record) }),
            (#","uris":"#, .uris, { writer, record in writer.uri(of: record) }),
            (#","metadatas":"#, .metadatas, { writer, record in writer.metadata(of: record) }),
        ]
        for (name, field, element) in parts {
            raw(name)
            if include.contains(field) { lists(&self, records, element) } else { null() }
        }
    }

    mutating func vector(of record: RecordView) {
        record.withVector { values in
            if let values { floats(values) } else { null() }
        }
    }

    mutating func document(of record: RecordView) {
        record.withDocumentBytes { bytes in
            if let bytes { string(bytes) } else { null() }
        }
    }

    private mutating func uri(of record: RecordView) {
        if let uri = record.uri { string(uri) } else { null() }
    }

    private mutating func metadata(of record: RecordView) {
        guard record.hasMetadata else { return null() }
        raw("{")
        var isFirst = true
        record.forEachMetadataField { key, value in
            if !isFirst { raw(",") }
            isFirst = false
            string(key)
            raw(":")
            self.value(value)
        }
        raw("}")
    }

    /// Metadata as an object, in its order.
    mutating func metadata(_ metadata: Metadata) {
        raw("{")
        var isFirst = true
        for field in metadata.fields {
            guard let value = field.value else { continue }
            if !isFirst { raw(",") }
            isFirst = false
            string(field.key)
            raw(":")
            self.value(value)
        }
        raw("}")
    }

    mutating func value(_ value: MetadataValue) {
        switch value {
        case .string(let text): string(text)
        case .integer(let number): integer(number)
        case .float(let number): double(number)
        case .boolean(let isTrue): boolean(isTrue)
        case .strings(let texts): array(texts) { writer, text in writer.string(text) }
        case .integers(let numbers): array(numbers) { writer, number in writer.integer(number) }
        case .floats(let numbers): array(numbers) { writer, number in writer.double(number) }
        case .booleans(let flags): array(flags) { writer, flag in writer.boolean(flag) }
        case .sparse(let vector): sparseVector(vector)
        }
    }
}
