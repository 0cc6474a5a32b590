import Engine
import VectorModel

/// Reads the metadata of records and collections.
struct MetadataDecoder {
    let dialect: Dialect
    /// Whether a null or an empty list removes its key; otherwise version 2 refuses nulls, version 1 drops them, and both drop empty lists.
    let nullsRemove: Bool
    /// Whether sparse vectors are values: those of records are, a collection has none.
    let takesSparseVectors: Bool

    /// - Returns: `nil` for an object without usable keys.
    func metadata(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> Metadata? {
        guard value.kind == .object else { throw .type(place, "invalid type: \(value.summary), expected a map", dialect) }
        var fields: [MetadataField] = []
        fields.reserveCapacity(value.count)
        try value.forEachMember { (key: String, member: JSONValue) throws(WireError) in
            switch try entry(key, member, at: place) {
            case .set(let value): fields.append(MetadataField(key: key, value: value))
            case .remove: fields.append(MetadataField(key: key, value: nil))
            case .drop: break
            }
        }
        return fields.isEmpty ? nil : Metadata(fields: fields)
    }

    private enum Entry {
        case set(MetadataValue)
        case remove
        case drop
    }

    private func entry(_ key: String, _ value: JSONValue, at place: JSONPlace) throws(WireError) -> Entry {
        switch value.kind {
        case .null:
            if nullsRemove { return .remove }
            if dialect.version == .v1 { return .drop }
            throw noVariant(key, place)
        case .boolean: return .set(.boolean(value.boolean ?? false))
        case .integer: return .set(.integer(value.integer ?? 0))
        case .unsigned, .double: return .set(.float(value.number ?? 0))
        case .string: return .set(.string(value.string ?? ""))
        case .array:
            // A key whose list is empty is a key without a value.
            guard value.count > 0 else { return nullsRemove ? .remove : .drop }
            guard let list = MetadataDecoder.list(value) else { throw noVariant(key, place) }
            return .set(list)
        case .object:
            if dialect.version == .v1 { return .drop }
            guard SparseVectorDecoder.isMeant(by: value) else { throw noVariant(key, place) }
            guard takesSparseVectors else {
                throw WireError(
                    status: 501, name: "ChromaError", message: "Unimplemented: the metadata of a collection has no sparse vectors: \(key)",
                    dialect: dialect)
            }
            return .set(.sparse(try SparseVectorDecoder(dialect: dialect).vector(value, at: place.field(key))))
        }
    }

    /// A list of values of one kind; integers among floats become floats. `nil` for other mixtures.
    static func list(_ value: JSONValue) -> MetadataValue? {
        var strings: [String] = [], integers: [Int64] = [], doubles: [Double] = [], booleans: [Bool] = []
        value.forEachElement { (_: Int, element: JSONValue) throws(Never) in
            if let string = element.string { strings.append(string) }
            if let boolean = element.boolean { booleans.append(boolean) }
            if let integer = element.integer { integers.append(integer) }
            if let number = element.number { doubles.append(number) }
        }
        let count = value.count
        if strings.count == count { return .strings(strings) }
        if booleans.count == count { return .booleans(booleans) }
        if integers.count == count { return .integers(integers) }
        if doubles.count == count { return .floats(doubles) }
        return nil
    }

    private func noVariant(_ key: String, _ place: JSONPlace) -> WireError {
        .type(place.field(key), "data did not match any variant of untagged enum MetadataValue", dialect)
    }
}

extension RequestDecoder {
    /// The metadata of a record in a batch; `nil` when there is none.
    func recordMetadata(_ value: JSONValue, row: Int, kind: WriteKind) throws(WireError) -> Metadata? {
        let decoder = MetadataDecoder(dialect: dialect, nullsRemove: kind != .add, takesSparseVectors: true)
        guard let metadata = try decoder.metadata(value, at: JSONPlace("metadatas").element(row)) else { return nil }
        if dialect.version == .v2, metadata.fields.contains(where: { $0.key.isEmpty || $0.key.hasPrefix("#") || $0.key.hasPrefix("$") }) {
            throw .rule("Validation error: metadatas: Invalid metadata at index \(row)", dialect)
        }
        return metadata
    }

    /// The metadata of a collection; `nil` when none is given.
    /// - Parameter isChange: in a change an empty object and nulls are legal.
    func collectionMetadata(_ fields: JSONFields, _ name: String, isChange: Bool) throws(WireError) -> Metadata? {
        guard let value = try fields.optional(name) else { return nil }
        let decoder = MetadataDecoder(dialect: dialect, nullsRemove: isChange, takesSparseVectors: false)
        let metadata = try decoder.metadata(value, at: JSONPlace(name))
        if value.count == 0, !(isChange && dialect.version == .v1) {
            throw .rule(
                "Validation error: \(name): Metadata cannot be empty", version1: "Expected metadata to be a non-empty dict, got 0 metadata attributes", dialect)
        }
        guard let metadata else { return isChange ? Metadata(fields: []) : nil }
        if dialect.version == .v2 {
            for field in metadata.fields {
                if field.key.isEmpty { throw .rule("Validation error: \(name): Metadata key cannot be empty", dialect) }
                if field.key.hasPrefix("#") || field.key.hasPrefix("$") {
                    throw .rule("Validation error: \(name): Metadata key cannot start with '#' or '$': \(field.key)", dialect)
                }
            }
        }
        return Metadata(fields: metadata.fields.filter { $0.value != nil })
    }
}
