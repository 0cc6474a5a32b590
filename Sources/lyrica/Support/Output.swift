import LyricaClient

/// What commands print on the standard output.
enum Output {
    /// One JSON value and a line end.
    static func print(json: JSONValue) throws(ClientError) {
        try print([json.jsonText])
    }

    static func print(_ lines: [String]) throws(ClientError) {
        try Terminal.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: .output)
    }

    /// A table as wide as the terminal; whole when it goes elsewhere.
    static func print(_ table: Table) throws(ClientError) {
        try print(table.lines(width: Terminal.columns(.output)))
    }
}

/// Records as a table or as JSON.
struct RecordOutput {
    let records: [StoredRecord]
    let include: [IncludedField]

    func print(asJSON: Bool) throws(ClientError) {
        if asJSON {
            try Output.print(json: .array(records.map { .object(json($0)) }))
        } else {
            try Output.print(table)
        }
    }

    private func json(_ record: StoredRecord) -> JSONObject {
        var object = JSONObject(record.json.members.filter { member in
            switch member.key {
            case "document": include.contains(.documents)
            case "metadata": include.contains(.metadatas)
            default: true
            }
        })
        if include.contains(.embeddings) {
            object.append("embedding", record.embedding.map { .array($0.map { .number(Double($0)) }) } ?? .null)
        }
        return object
    }

    private var table: Table {
        var columns: [Table.Column] = [.init("#", alignsRight: true)]
        if include.contains(.distances) { columns.append(.init("distance", alignsRight: true)) }
        columns.append(.init("id"))
        if include.contains(.documents) { columns.append(.init("document", shrinks: true)) }
        if include.contains(.metadatas) { columns.append(.init("metadata", shrinks: true)) }
        if include.contains(.uris) { columns.append(.init("uri", shrinks: true)) }
        if include.contains(.embeddings) { columns.append(.init("embedding", shrinks: true)) }
        var table = Table(columns)
        for (index, record) in records.enumerated() { table.add(cells(of: record, rank: index + 1)) }
        return table
    }

    private func cells(of record: StoredRecord, rank: Int) -> [String] {
        var cells = ["\(rank)"]
        if include.contains(.distances) { cells.append(record.distance.map { Self.rounded($0) } ?? "") }
        cells.append(record.id)
        if include.contains(.documents) { cells.append(record.document ?? "") }
        if include.contains(.metadatas) { cells.append(record.metadata.map(Self.pairs) ?? "") }
        if include.contains(.uris) { cells.append(record.uri ?? "") }
        if include.contains(.embeddings) { cells.append(record.embedding.map(Self.beginning) ?? "") }
        return cells
    }

    /// Metadata as `key=value` pairs, strings without quotes.
    static func pairs(_ metadata: JSONObject) -> String {
        metadata.members.map { "\($0.key)=\($0.value.string ?? $0.value.jsonText)" }.joined(separator: " ")
    }

    private static func beginning(_ vector: [Float]) -> String {
        let shown = vector.prefix(4).map { rounded(Double($0)) }.joined(separator: ", ")
        return "[\(shown)\(vector.count > 4 ? ", …" : "")] of \(vector.count)"
    }

    /// Six decimals where that says something, all digits elsewhere.
    static func rounded(_ value: Double) -> String {
        guard value == 0 || (abs(value) >= 1e-4 && abs(value) < 1e9) else { return "\(value)" }
        let millionths = Int64((abs(value) * 1_000_000).rounded())
        let fraction = String(millionths % 1_000_000)
        return (value < 0 ? "-" : "") + "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
