import VectorModel

extension CompiledMetadataCondition {
    /// Which of some rows match certainly and which possibly: documents are not read, everything else is.
    func bounds<Rows: FilterableRows>(
        of candidates: OrdinalSet, in rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) -> RowBounds {
        switch self {
        case .all(let parts):
            var found = RowBounds(exactly: candidates)
            for part in parts where !found.possible.isEmpty {
                found.formIntersection(try part.bounds(of: found.possible, in: rows, shouldContinue))
            }
            return found
        case .any(let parts):
            var found = RowBounds(exactly: OrdinalSet(bound: candidates.bound))
            var rest = candidates
            for part in parts where !rest.isEmpty {
                found.formUnion(try part.bounds(of: rest, in: rows, shouldContinue))
                rest.subtract(found.certain)
            }
            return found
        case .not(let condition):
            return try condition.bounds(of: candidates, in: rows, shouldContinue).complement(in: candidates)
        case .document(let condition):
            return condition.bounds(of: candidates, in: rows)
        case .compare, .answered, .string, .identifier:
            var matches = candidates
            try apply(to: &matches, of: rows, asksTrigrams: true, shouldContinue)
            return RowBounds(exactly: matches)
        }
    }
}
