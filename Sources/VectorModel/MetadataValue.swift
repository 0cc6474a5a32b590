/// One typed value of a record's or a collection's metadata: a scalar, a homogeneous array of scalars, or a sparse vector.
///
/// Integers and floats are told apart when stored and shown, and compared with each other by value in filters.
public enum MetadataValue: Hashable, Sendable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case strings([String])
    case integers([Int64])
    case floats([Double])
    case booleans([Bool])
    case sparse(SparseVector)
}

/// One key of a metadata change: a value to set, or `nil` to remove the key.
public struct MetadataField: Hashable, Sendable {
    public var key: String
    public var value: MetadataValue?

    public init(key: String, value: MetadataValue?) {
        self.key = key
        self.value = value
    }
}

/// Metadata as sent: its keys in the order given, each at most once.
///
/// In a new record every field has a value; in an update a field without one removes the key.
public struct Metadata: Hashable, Sendable {
    public private(set) var fields: [MetadataField]

    /// - Parameter fields: where a key stands twice, the last one counts, as in a JSON object read into a dictionary.
    public init(fields: [MetadataField]) {
        self.fields = Metadata.withoutRepeatedKeys(fields)
    }

    public init(_ pairs: KeyValuePairs<String, MetadataValue>) {
        self.init(fields: pairs.map { MetadataField(key: $0.key, value: $0.value) })
    }

    public var isEmpty: Bool { fields.isEmpty }

    /// The value of `key`. Cost: linear in the number of fields.
    public subscript(key: String) -> MetadataValue? {
        fields.first { $0.key == key }?.value
    }

    /// These fields changed by `patch`: keys set, replaced or removed; the rest stays, in its order.
    public func merged(with patch: Metadata) -> Metadata {
        var positions = [String: Int](minimumCapacity: fields.count)
        var merged: [MetadataField?] = fields
        for (position, field) in fields.enumerated() { positions[field.key] = position }
        for field in patch.fields {
            if let position = positions[field.key] {
                merged[position] = field.value == nil ? nil : field
            } else if field.value != nil {
                merged.append(field)
            }
        }
        return Metadata(fields: merged.compactMap(\.self))
    }

    private static func withoutRepeatedKeys(_ fields: [MetadataField]) -> [MetadataField] {
        guard fields.count > 1 else { return fields }
        // Few keys are the rule: comparing them pairwise beats hashing up to a dozen or so.
        if fields.count <= 12 {
            var repeats = false
            for later in 1..<fields.count where !repeats {
                repeats = fields[..<later].contains { $0.key == fields[later].key }
            }
            if !repeats { return fields }
        }
        var last = [String: Int](minimumCapacity: fields.count)
        for (position, field) in fields.enumerated() { last[field.key] = position }
        return fields.enumerated().filter { last[$0.element.key] == $0.offset }.map(\.element)
    }
}
