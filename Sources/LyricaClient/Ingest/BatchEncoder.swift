import FoundationEssentials

/// Writes batches in the protocol's form.
public struct BatchEncoder: Sendable {
    public let mode: WriteMode
    /// Embeddings as base64 of little-endian float32, a third of the size of arrays; else as arrays.
    public let usesBase64: Bool

    public init(mode: WriteMode, usesBase64: Bool) {
        self.mode = mode
        self.usesBase64 = usesBase64
    }

    /// The body of one write. A list that no record has anything for is null.
    public func body(for records: [IngestRecord]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(records.reduce(64) { $0 + $1.encodedBytesEstimate })
        output.append(contentsOf: #"{"ids":"#.utf8)
        JSONWriter.appendList(records, to: &output) { JSONWriter.append($0.id, to: &$1) }
        output.append(contentsOf: #","embeddings":"#.utf8)
        JSONWriter.appendList(records, to: &output) { append(vector: $0.embedding, to: &$1) }
        appendColumn("documents", records.map { $0.document.map(JSONValue.string) }, to: &output)
        appendColumn("metadatas", records.map { sentMetadata($0.metadata).map(JSONValue.object) }, to: &output)
        appendColumn("uris", records.map { $0.uri.map(JSONValue.string) }, to: &output)
        output.append(UInt8(ascii: "}"))
        return output
    }

    private func appendColumn(_ key: String, _ values: [JSONValue?], to output: inout [UInt8]) {
        output.append(contentsOf: ",\"\(key)\":".utf8)
        if values.allSatisfy({ $0 == nil }) {
            output.append(contentsOf: "null".utf8)
        } else {
            JSONWriter.appendList(values, to: &output) { JSONWriter.append($0 ?? .null, to: &$1) }
        }
    }

    /// A null removes a key of a stored record, which only an upsert can meet. Empty metadata is not allowed on the wire.
    private func sentMetadata(_ metadata: JSONObject?) -> JSONObject? {
        guard let metadata else { return nil }
        let sent: JSONObject
        switch mode {
        case .upsert: sent = metadata
        case .add: sent = JSONObject(metadata.members.filter { !$0.value.isNull })
        }
        return sent.members.isEmpty ? nil : sent
    }

    private func append(vector: [Float], to output: inout [UInt8]) {
        guard usesBase64 else {
            JSONWriter.appendList(vector, to: &output) { JSONWriter.append($0, to: &$1) }
            return
        }
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: LittleEndianFloats.bytes(of: vector).base64EncodedData())
        output.append(UInt8(ascii: "\""))
    }
}

/// Floats as bytes, in the order of files and of the wire.
enum LittleEndianFloats {
    static func bytes(of vector: [Float]) -> Data {
        vector.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
    }
}
