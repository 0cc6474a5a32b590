import ByteCoding
import VectorModel

/// A metadata condition whose document parts are compiled. Each comparison is bound to the rows' string numbers once per evaluation and
/// then runs over the values of its key.
///
/// Cost: O(candidates × keys per record) per comparison.
indirect enum CompiledMetadataCondition: Sendable {
    case all([CompiledMetadataCondition])
    case any([CompiledMetadataCondition])
    case compare(key: String, MetadataComparison)
    case document(CompiledDocumentCondition)

    init(_ condition: MetadataCondition, limits: Limits) throws(RequestError) {
        switch condition {
        case .all(let parts): self = .all(try Self.compile(parts, limits))
        case .any(let parts): self = .any(try Self.compile(parts, limits))
        case .compare(let key, let comparison): self = .compare(key: key, comparison)
        case .document(let condition): self = .document(try CompiledDocumentCondition(condition, limits: limits))
        }
    }

    private static func compile(_ parts: [MetadataCondition], _ limits: Limits) throws(RequestError) -> [CompiledMetadataCondition] {
        var compiled: [CompiledMetadataCondition] = []
        for part in parts { compiled.append(try CompiledMetadataCondition(part, limits: limits)) }
        return compiled
    }

    func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        switch self {
        case .all(let parts):
            for part in parts { try part.apply(to: &candidates, of: rows, shouldContinue) }
        case .any(let parts):
            // Each part looks only at the rows that no part before it has accepted.
            var rest = candidates
            var matches = OrdinalSet(bound: candidates.bound)
            for part in parts {
                var found = rest
                try part.apply(to: &found, of: rows, shouldContinue)
                matches.formUnion(found)
                rest.subtract(found)
            }
            candidates = matches
        case .compare(let key, let comparison):
            try shouldContinue()
            do throws(Corruption) {
                let test = try ScalarTest(comparison, numbers: { (string) throws(Corruption) in try rows.metadataStringNumber(string) })
                try rows.keep(in: &candidates, key: key, keepsMissing: test.isNegated) { test.accepts($0) != test.isNegated }
            } catch {
                throw RequestError(error)
            }
        case .document(let condition):
            try condition.apply(to: &candidates, of: rows, shouldContinue)
        }
    }
}
