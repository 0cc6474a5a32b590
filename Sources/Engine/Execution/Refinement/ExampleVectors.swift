import ByteCoding
import Segments
import VectorModel

/// Query vectors made of stored records, and the ids that each query leaves out of its answers.
struct ExampleVectors {
    private(set) var values: [Float] = []
    private(set) var dimension = 0
    /// As UTF-8: Swift takes strings for equal that are different ids.
    private(set) var excluded: [Set<[UInt8]>] = []

    /// - Throws: `recordNotFound`, `invalid` for a record without a vector.
    init(_ examples: QueryRefinement.Examples, of records: CollectionReader) throws(RequestError) {
        switch examples {
        case .each(let identifiers):
            for identifier in identifiers {
                values += try vector(of: identifier, field: "query_ids", records)
                excluded.append([Array(identifier.utf8)])
            }
        case .recommend(let positive, let negative):
            let wanted = try mean(positive, field: "recommend.positive", records)
            let unwanted = negative.isEmpty ? wanted : try mean(negative, field: "recommend.negative", records)
            values = zip(wanted, unwanted).map { Float(2 * $0 - $1) }
            excluded = [Set((positive + negative).map { Array($0.utf8) })]
            // Large numbers of opposite signs can leave the range of floats.
            guard values.allSatisfy(\.isFinite) else { throw .invalid("recommend", "the examples' vectors are too large to be combined") }
        }
    }

    private mutating func mean(_ identifiers: [String], field: String, _ records: CollectionReader) throws(RequestError) -> [Double] {
        var sums: [Double] = []
        for identifier in identifiers {
            let vector = try vector(of: identifier, field: field, records)
            if sums.isEmpty { sums = Array(repeating: 0, count: vector.count) }
            for (place, number) in vector.enumerated() { sums[place] += Double(number) }
        }
        return sums.map { $0 / Double(identifiers.count) }
    }

    private mutating func vector(of identifier: String, field: String, _ records: CollectionReader) throws(RequestError) -> [Float] {
        let record = try damageAsError { () throws(Corruption) in
            try records.find(identifier).map { (address) throws(Corruption) in try records.record(address, .vector) }
        }
        guard let record else { throw RequestError(.recordNotFound(identifier)) }
        let vector = record.withVector { $0.map(Array.init) }
        guard let vector else { throw .invalid(field, "the record [\(identifier)] has no embedding") }
        dimension = vector.count
        return vector
    }
}
