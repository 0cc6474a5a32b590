import ByteCoding
import VectorModel

/// A comparison with a record's id, which is a string that every record has.
enum IdentifierTest: Sendable {
    /// The id is one of these. Looked up, not scanned for.
    case isIn([String])
    case text(StringTest)
    /// Every record, as of `exists`.
    case all
    indirect case not(IdentifierTest)

    init(_ comparison: MetadataComparison, limits: Limits) throws(RequestError) {
        switch comparison {
        case .equal(let value): self = .isIn(Self.strings([value]))
        case .notEqual(let value): self = .not(.isIn(Self.strings([value])))
        case .isIn(let values): self = .isIn(Self.strings(values))
        case .notIn(let values): self = .not(.isIn(Self.strings(values)))
        // An id is neither a number nor an array.
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .contains: self = .isIn([])
        case .notContains: self = .all
        case .exists: self = .all
        case .missing: self = .not(.all)
        case .text(let comparison): self = .text(try StringTest(comparison, limits: limits))
        case .date(let comparison): self = .text(.date(comparison))
        }
    }

    private static func strings(_ values: [MetadataValue]) -> [String] {
        values.compactMap { if case .string(let string) = $0 { string } else { nil } }
    }

    /// Cost: a lookup for each id asked for, or one pass over the candidates' ids.
    func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        switch self {
        case .isIn(let identifiers):
            var found = OrdinalSet(bound: candidates.bound)
            for (index, identifier) in identifiers.enumerated() {
                if index.isMultiple(of: 1_024) { try shouldContinue() }
                do throws(Corruption) {
                    if let row = try rows.row(of: identifier) { found.insert(row) }
                } catch {
                    throw RequestError(error)
                }
            }
            candidates.formIntersection(found)
        case .text(let test):
            var scan = StringScan(test)
            candidates.filter { scan.accepts(identifierOf: $0, of: rows, shouldContinue) }
            if let failure = scan.failure { throw failure }
        case .all: break
        case .not(let test):
            var found = candidates
            try test.apply(to: &found, of: rows, shouldContinue)
            candidates.subtract(found)
        }
    }
}
