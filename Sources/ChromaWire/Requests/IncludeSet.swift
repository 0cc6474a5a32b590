import VectorModel

/// Which parts of the records an answer shows, in the order asked for.
public struct IncludeSet: Hashable, Sendable {
    public enum Field: String, Hashable, Sendable {
        case distances
        case documents
        case embeddings
        case metadatas
        case uris
        /// Known to version 1 only, whose answer to it is always null.
        case data
    }

    public let fields: [Field]

    public init(_ fields: [Field]) {
        self.fields = fields
    }

    public func contains(_ field: Field) -> Bool { fields.contains(field) }

    /// The parts that have to be read for it.
    var recordFields: RecordFields {
        fields.reduce(into: RecordFields()) { wanted, field in
            switch field {
            case .documents: wanted.insert(.document)
            case .embeddings: wanted.insert(.vector)
            case .metadatas: wanted.insert(.metadata)
            case .uris: wanted.insert(.uri)
            case .distances, .data: break
            }
        }
    }

    static let usualForGet = IncludeSet([.documents, .metadatas])
    static let usualForQuery = IncludeSet([.documents, .metadatas, .distances])
}

extension RequestDecoder {
    func include(_ fields: JSONFields, usual: IncludeSet) throws(WireError) -> IncludeSet {
        guard let value = try fields.present("include"), !(value.isNull && dialect.version == .v1) else { return usual }
        try refuseNonNames(value)
        let names = try fields.strings("include", value)
        var included: [IncludeSet.Field] = []
        for (index, name) in names.enumerated() {
            guard let field = IncludeSet.Field(rawValue: name), field != .data || dialect.version == .v1 else {
                guard dialect.version == .v2 else {
                    throw .rule("Expected include item to be one of documents, embeddings, metadatas, distances, uris, data, got \(name)", dialect)
                }
                throw .type(
                    JSONPlace("include").element(index),
                    "unknown variant `\(name)`, expected one of `distances`, `documents`, `embeddings`, `metadatas`, `uris`", dialect)
            }
            included.append(field)
        }
        return IncludeSet(included)
    }

    private func refuseNonNames(_ value: JSONValue) throws(WireError) {
        guard value.kind == .array else { return }
        try value.forEachElement { (index: Int, element: JSONValue) throws(WireError) in
            try WireError.requirePossibleName(element, at: JSONPlace("include").element(index), dialect)
        }
    }
}
