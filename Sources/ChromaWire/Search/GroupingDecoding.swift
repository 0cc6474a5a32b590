import Engine
import VectorModel

extension RequestDecoder {
    /// Reads how the records found are grouped and which of each group are kept.
    func grouping(_ value: JSONValue, at place: JSONPlace) throws(WireError) -> SearchGrouping {
        let fields = try JSONFields(value, at: place, expected: "struct GroupBy", dialect)
        let keys = try groupKeys(fields)
        let aggregatePlace = place.field("aggregate")
        guard let aggregate = try fields.optional("aggregate") else { throw invalidGrouping(aggregatePlace, "is missing") }
        guard aggregate.kind == .object, aggregate.count == 1 else {
            throw invalidGrouping(aggregatePlace, "expected an object with exactly one of $min_k, $max_k")
        }
        for (name, end) in [("$min_k", SearchGrouping.End.smallest), ("$max_k", .largest)] {
            guard let operand = aggregate.member(name) else { continue }
            let operation = try JSONFields(operand, at: aggregatePlace.field(name), expected: "a map", dialect)
            let order = try groupKeys(operation).map { $0 == SelectedKeys.Part.score.rawValue ? .score : SearchGrouping.Order.metadata($0) }
            guard let count = try operation.count("k"), count > 0 else {
                throw invalidGrouping(operation.place.field("k"), "expected a whole number of at least 1")
            }
            try refuseParts(keys, at: place)
            try refuseParts(try groupKeys(operation).filter { $0 != SelectedKeys.Part.score.rawValue }, at: operation.place)
            return SearchGrouping(by: keys, keep: count, end, of: order)
        }
        throw invalidGrouping(aggregatePlace, "expected one of $min_k, $max_k")
    }

    private func groupKeys(_ fields: JSONFields) throws(WireError) -> [String] {
        guard let value = try fields.optional("keys") else { throw invalidGrouping(fields.place.field("keys"), "is missing") }
        guard (1...limits.groupKeys).contains(value.count) else {
            throw invalidGrouping(fields.place.field("keys"), "expected a list of 1 to \(limits.groupKeys) keys")
        }
        return try fields.strings("keys", value)
    }

    /// Records have one document each, and one vector: only metadata divides them into groups.
    private func refuseParts(_ keys: [String], at place: JSONPlace) throws(WireError) {
        guard let part = keys.first(where: { $0.hasPrefix("#") }) else { return }
        throw invalidGrouping(place.field("keys"), "'\(part)' is no key of the metadata")
    }

    private func invalidGrouping(_ place: JSONPlace, _ problem: String) -> WireError {
        .rule("Validation error: \(place): \(problem)", version1: "\(place): \(problem)", dialect)
    }
}
