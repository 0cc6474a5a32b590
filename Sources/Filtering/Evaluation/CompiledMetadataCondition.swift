import ByteCoding
import ColumnStore
import VectorModel

/// A metadata condition whose document parts are compiled. Each comparison is bound to the rows' string numbers once per evaluation and
/// then, if no index has its answer, runs over the values of its key.
///
/// Cost: O(candidates × keys per record) per comparison without an index; with one, the rows that match or the candidates, whichever are fewer.
indirect enum CompiledMetadataCondition: Sendable {
    case all([CompiledMetadataCondition])
    case any([CompiledMetadataCondition])
    case not(CompiledMetadataCondition)
    case compare(key: String, MetadataComparison)
    /// A comparison of which the index of some rows has said what it accepts of them.
    case answered(key: String, MetadataComparison, ColumnAnswer)
    case string(key: String, StringTest)
    case identifier(IdentifierTest)
    case document(CompiledDocumentCondition)

    init(_ condition: MetadataCondition, limits: Limits) throws(RequestError) {
        switch condition {
        case .all(let parts): self = .all(try Self.compile(parts, limits))
        case .any(let parts): self = .any(try Self.compile(parts, limits))
        case .not(let condition): self = .not(try CompiledMetadataCondition(condition, limits: limits))
        case .compare(MetadataCondition.identifierKey, let comparison): self = .identifier(try IdentifierTest(comparison, limits: limits))
        case .compare(let key, .text(let comparison)): self = .string(key: key, try StringTest(comparison, limits: limits))
        case .compare(let key, .date(let comparison)): self = .string(key: key, .date(comparison))
        case .compare(let key, let comparison): self = .compare(key: key, comparison)
        case .document(let condition): self = .document(try CompiledDocumentCondition(condition, limits: limits))
        }
    }

    private static func compile(_ parts: [MetadataCondition], _ limits: Limits) throws(RequestError) -> [CompiledMetadataCondition] {
        var compiled: [CompiledMetadataCondition] = []
        for part in parts { compiled.append(try CompiledMetadataCondition(part, limits: limits)) }
        return compiled
    }

    /// Removes from `candidates` the rows that do not match.
    /// - Parameter asksTrigrams: false where trigrams have left all candidates undecided before.
    func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, asksTrigrams: Bool, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        switch self {
        case .all(let parts):
            for part in parts where !candidates.isEmpty { try part.apply(to: &candidates, of: rows, asksTrigrams: asksTrigrams, shouldContinue) }
        case .any(let parts):
            // Each part looks only at the rows that no part before it has accepted.
            var rest = candidates
            var matches = OrdinalSet(bound: candidates.bound)
            for part in parts where !rest.isEmpty {
                var found = rest
                try part.apply(to: &found, of: rows, asksTrigrams: asksTrigrams, shouldContinue)
                matches.formUnion(found)
                rest.subtract(found)
            }
            candidates = matches
        case .not(let condition):
            var matches = candidates
            try condition.apply(to: &matches, of: rows, asksTrigrams: asksTrigrams, shouldContinue)
            candidates.subtract(matches)
        case .compare(let key, let comparison):
            try shouldContinue()
            do throws(Corruption) {
                try Self.compare(key, comparison, in: &candidates, of: rows)
            } catch {
                throw RequestError(error)
            }
        case .answered(let key, let comparison, let answer):
            try shouldContinue()
            do throws(Corruption) {
                try Self.use(answer, key, comparison, in: &candidates, of: rows)
            } catch {
                throw RequestError(error)
            }
        case .string(let key, let test):
            var scan = StringScan(test)
            do throws(Corruption) {
                try Self.scan(key, &scan, in: &candidates, of: rows, shouldContinue)
            } catch {
                throw RequestError(error)
            }
            if let failure = scan.failure { throw failure }
        case .identifier(let test):
            try test.apply(to: &candidates, of: rows, shouldContinue)
        case .document(let condition):
            try condition.apply(to: &candidates, of: rows, asksTrigrams: asksTrigrams, shouldContinue)
        }
    }

    private static func compare<Rows: FilterableRows>(
        _ key: String, _ comparison: MetadataComparison, in candidates: inout OrdinalSet, of rows: Rows
    ) throws(Corruption) {
        guard let lookup = try rows.columnLookup(of: key) else { return try scan(key, comparison, in: &candidates, of: rows) }
        try candidates.forRows(
            below: lookup.rowCount,
            { (indexed) throws(Corruption) in
                if try !lookUp(comparison, lookup, in: &indexed, of: rows) { try scan(key, comparison, in: &indexed, of: rows) }
            }, others: { (others) throws(Corruption) in try scan(key, comparison, in: &others, of: rows) })
    }

    /// As `compare`, when the index has been asked before.
    private static func use<Rows: FilterableRows>(
        _ answer: ColumnAnswer, _ key: String, _ comparison: MetadataComparison, in candidates: inout OrdinalSet, of rows: Rows
    ) throws(Corruption) {
        try candidates.forRows(
            below: answer.matches.index.rowCount,
            { (indexed) throws(Corruption) in
                if !answer.apply(to: &indexed) { try scan(key, comparison, in: &indexed, of: rows) }
            }, others: { (others) throws(Corruption) in try scan(key, comparison, in: &others, of: rows) })
    }

    /// Answers a comparison from the index of its key.
    /// - Parameter candidates: rows that the index is of.
    /// - Returns: false if it does not know the answer, or looking at the candidates is quicker.
    private static func lookUp<Rows: FilterableRows>(
        _ comparison: MetadataComparison, _ lookup: ColumnLookup, in candidates: inout OrdinalSet, of rows: Rows
    ) throws(Corruption) -> Bool {
        if let answer = lookup.sameForAll(comparison) {
            if !answer { candidates = OrdinalSet(bound: candidates.bound) }
            return true
        }
        guard let query = try ColumnQuery(comparison, numbers: { (string) throws(Corruption) in try rows.metadataStringNumber(string) }),
            let matches = try lookup.matches(query)
        else { return false }
        return ColumnAnswer(matches: matches, isNegated: query.isNegated).apply(to: &candidates)
    }

    private static func scan<Rows: FilterableRows>(
        _ key: String, _ comparison: MetadataComparison, in candidates: inout OrdinalSet, of rows: Rows
    ) throws(Corruption) {
        let test = try ScalarTest(comparison, numbers: { (string) throws(Corruption) in try rows.metadataStringNumber(string) })
        try rows.keep(in: &candidates, key: key, keepsMissing: test.isNegated) { test.accepts($0) != test.isNegated }
    }

    /// Each distinct string is tested once where an index tells which there are, otherwise each candidate's.
    private static func scan<Rows: FilterableRows>(
        _ key: String, _ scan: inout StringScan, in candidates: inout OrdinalSet, of rows: Rows,
        _ shouldContinue: () throws(RequestError) -> Void
    ) throws(Corruption) {
        func look(at candidates: inout OrdinalSet) throws(Corruption) {
            try rows.keep(in: &candidates, key: key, keepsMissing: false) { entry in
                entry.kind == .string && scan.accepts(string: UInt32(truncatingIfNeeded: entry.bits), of: rows, shouldContinue)
            }
        }
        guard let lookup = try rows.columnLookup(of: key) else { return try look(at: &candidates) }
        try candidates.forRows(
            below: lookup.rowCount,
            { (indexed) throws(Corruption) in
                let matches = lookup.matches(distinctMax: indexed.count) { scan.accepts(string: $0, of: rows, shouldContinue) }
                guard let matches, matches.areWorthNaming(candidates: indexed.count) else { return try look(at: &indexed) }
                matches.apply(to: &indexed, isNegated: false)
            }, others: { (others) throws(Corruption) in try look(at: &others) })
    }
}

extension OrdinalSet {
    /// Changes the rows that an index is of in one way, and those after them in another.
    fileprivate mutating func forRows<Failure: Error>(
        below indexed: Int, _ change: (inout OrdinalSet) throws(Failure) -> Void, others changeOthers: (inout OrdinalSet) throws(Failure) -> Void
    ) throws(Failure) {
        guard indexed < bound else { return try change(&self) }
        var others = split(at: indexed)
        try change(&self)
        try changeOthers(&others)
        formUnion(others)
    }
}
