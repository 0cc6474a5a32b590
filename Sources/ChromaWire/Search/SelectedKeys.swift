import VectorModel

/// Which parts of the records found an answer of the search API shows: named parts and single keys of the metadata. The ids are always there.
public struct SelectedKeys: Hashable, Sendable {
    /// A part of a record. Listed in answers in this order, before the metadata's keys.
    enum Part: String, Hashable, Sendable, CaseIterable {
        case identifier = "#id"
        case document = "#document"
        case embedding = "#embedding"
        case metadata = "#metadata"
        case score = "#score"
    }

    let parts: Set<Part>
    let metadataKeys: Set<String>

    init(parts: Set<Part> = [], metadataKeys: Set<String> = []) {
        self.parts = parts
        self.metadataKeys = metadataKeys
    }

    /// The names, in the order in which answers repeat them.
    var names: [String] {
        Part.allCases.filter { parts.contains($0) }.map(\.rawValue) + metadataKeys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether the metadata is shown, all of it or some keys.
    var showsMetadata: Bool { parts.contains(.metadata) || !metadataKeys.isEmpty }

    func shows(metadataKey key: String) -> Bool { parts.contains(.metadata) || metadataKeys.contains(key) }

    /// The parts that have to be read for it.
    var recordFields: RecordFields {
        var fields: RecordFields = showsMetadata ? [.metadata] : []
        if parts.contains(.document) { fields.insert(.document) }
        if parts.contains(.embedding) { fields.insert(.vector) }
        return fields
    }
}
