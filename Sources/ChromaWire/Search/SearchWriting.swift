public import Engine
import Segments
import VectorModel

extension ResponseEncoder {
    /// The answers of a batch of searches, a column for each part of the records and in it a list for each search; null where it was not selected.
    /// - Parameter selections: what each search shows, in the order of the answers.
    public func search(_ result: SearchResult, selections: [SelectedKeys]) -> WireBytes {
        let answers = Array(zip(result.answers, selections))
        return write(capacity: 256 + answers.count * 1_024) { writer in
            writer.raw(#"{"ids":"#)
            writer.array(result.answers) { writer, hits in
                writer.array(hits) { writer, hit in hit.record.withIdentifierBytes { writer.string($0) } }
            }
            for column in Self.columns {
                writer.raw(column.name)
                writer.array(answers) { writer, answer in
                    let (hits, selection) = answer
                    guard column.isShown(selection) else { return writer.null() }
                    writer.array(hits) { writer, hit in column.write(&writer, hit, selection) }
                }
            }
            writer.raw(#","select":"#)
            writer.array(selections) { writer, selection in
                writer.array(selection.names) { writer, name in writer.string(name) }
            }
            writer.raw("}")
        }
    }

    /// One part of the records.
    private struct Column: Sendable {
        let name: StaticString
        let isShown: @Sendable (SelectedKeys) -> Bool
        let write: @Sendable (inout JSONWriter, SearchHit, SelectedKeys) -> Void
    }

    private static let columns: [Column] = [
        Column(name: #","documents":"#, isShown: { $0.parts.contains(.document) }) { writer, hit, _ in writer.document(of: hit.record) },
        Column(name: #","embeddings":"#, isShown: { $0.parts.contains(.embedding) }) { writer, hit, _ in writer.vector(of: hit.record) },
        Column(name: #","metadatas":"#, isShown: { $0.showsMetadata }) { writer, hit, selection in writer.metadata(of: hit.record, selection) },
        Column(name: #","scores":"#, isShown: { $0.parts.contains(.score) }) { writer, hit, _ in writer.score(hit.score) },
    ]
}

extension JSONWriter {
    /// The keys of a record's metadata that are selected; null if it has none of them.
    fileprivate mutating func metadata(of record: RecordView, _ selection: SelectedKeys) {
        var isFirst = true
        record.forEachMetadataField { key, value in
            guard selection.shows(metadataKey: key) else { return }
            raw(isFirst ? "{" : ",")
            isFirst = false
            string(key)
            raw(":")
            self.value(value)
        }
        if isFirst { null() } else { raw("}") }
    }

    /// As a 32-bit float, like distances; null without a score and for one that is not finite.
    fileprivate mutating func score(_ score: Double?) {
        if let score { float(Float(score)) } else { null() }
    }
}
