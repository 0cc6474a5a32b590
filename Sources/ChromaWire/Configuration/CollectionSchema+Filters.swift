public import Engine
public import Filtering
import VectorModel

extension RequestDecoder {
    /// Refuses conditions on what the collection's schema has switched off.
    ///
    /// Cost: O(1) for collections whose schema switches nothing, which is the rule; else linear in the schema and the conditions.
    public func checkFilters(_ selector: RecordSelector, on collection: CollectionDescription) throws(WireError) {
        guard selector.metadata != nil || selector.document != nil, WireConfiguration.hasSchema(collection) else { return }
        let check = FilterCheck(schema: WireConfiguration(of: collection).schema, dialect: dialect)
        if let condition = selector.metadata { try check.metadata(condition) }
        if selector.document != nil { try check.document() }
    }
}

/// Filters held against a schema.
private struct FilterCheck {
    let schema: CollectionSchema
    let dialect: Dialect

    func metadata(_ condition: MetadataCondition) throws(WireError) {
        switch condition {
        case .all(let parts), .any(let parts):
            for part in parts { try metadata(part) }
        case .not(let condition): try metadata(condition)
        // Ids are no metadata, whatever the schema says of its keys.
        case .compare(MetadataCondition.identifierKey, _): break
        case .compare(let key, let comparison):
            guard let scalar = scalar(comparison), !schema.isEnabled(scalar, for: key) else { return }
            throw .rule("Cannot filter using metadata key '\(key)' with type '\(scalar.filterName)' because indexing is disabled", dialect)
        case .document:
            try document()
        }
    }

    func document() throws(WireError) {
        guard schema.isFullTextEnabled else {
            throw .rule("Cannot filter using full-text search because FTS indexing is disabled", dialect)
        }
    }

    /// The kind of value that is compared with; `nil` for an empty list and a sparse vector, which nothing is compared with, and for what is asked
    /// of every kind.
    private func scalar(_ comparison: MetadataComparison) -> SchemaScalar? {
        switch comparison {
        case .equal(let value), .notEqual(let value), .less(let value), .lessOrEqual(let value), .greater(let value), .greaterOrEqual(let value),
            .contains(let value), .notContains(let value):
            scalar(value)
        case .isIn(let values), .notIn(let values):
            values.first.flatMap { scalar($0) }
        case .text, .date: .string
        case .exists, .missing: nil
        }
    }

    private func scalar(_ value: MetadataValue) -> SchemaScalar? {
        switch value {
        case .string, .strings: .string
        case .integer, .integers: .integer
        case .float, .floats: .float
        case .boolean, .booleans: .boolean
        case .sparse: nil
        }
    }
}
