import ByteCoding
import ColumnStore
import VectorModel

extension CompiledMetadataCondition {
    /// The condition with its parts in the order in which they are best applied to these rows, and what it accepts of them.
    ///
    /// What an index answers comes before what is scanned, documents last; of each the part first that decides most rows.
    func arranged<Rows: FilterableRows>(
        for rows: Rows
    ) throws(RequestError) -> (condition: CompiledMetadataCondition, estimate: FilterEstimate) {
        switch self {
        case .all(let parts):
            let (parts, estimates) = try Self.arranged(parts, rows) { $0.expected }
            return (.all(parts), .all(estimates))
        case .any(let parts):
            let (parts, estimates) = try Self.arranged(parts, rows) { -$0.expected }
            return (.any(parts), .any(estimates))
        case .compare(let key, let comparison):
            do throws(Corruption) {
                return try Self.arranged(key, comparison, rows)
            } catch {
                throw RequestError(error)
            }
        case .answered(let key, let comparison, _):
            return try CompiledMetadataCondition.compare(key: key, comparison).arranged(for: rows)
        case .not(let condition):
            let (condition, estimate) = try condition.arranged(for: rows)
            return (.not(condition), estimate.complement)
        case .string(let key, let test):
            do throws(Corruption) {
                return (self, try Self.estimate(key, test, rows))
            } catch {
                throw RequestError(error)
            }
        case .identifier(let test): return (self, test.estimate(rowCount: rows.rowCount))
        case .document(let condition): return (self, condition.estimate(over: rows))
        }
    }

    private static func arranged<Rows: FilterableRows>(
        _ parts: [CompiledMetadataCondition], _ rows: Rows, by share: (FilterEstimate) -> Double
    ) throws(RequestError) -> (parts: [CompiledMetadataCondition], estimates: [FilterEstimate]) {
        var arranged: [(condition: CompiledMetadataCondition, estimate: FilterEstimate)] = []
        for part in parts { arranged.append(try part.arranged(for: rows)) }
        func rank(_ part: Int) -> (Int, Double, Int) { (arranged[part].estimate.cost.rawValue, share(arranged[part].estimate), part) }
        let order = arranged.indices.sorted { rank($0) < rank($1) }
        return (order.map { arranged[$0].condition }, order.map { arranged[$0].estimate })
    }

    private static func arranged<Rows: FilterableRows>(
        _ key: String, _ comparison: MetadataComparison, _ rows: Rows
    ) throws(Corruption) -> (condition: CompiledMetadataCondition, estimate: FilterEstimate) {
        let condition = CompiledMetadataCondition.compare(key: key, comparison)
        guard rows.rowCount > 0 else { return (condition, .nothing) }
        guard let lookup = try rows.columnLookup(of: key) else {
            return (condition, FilterEstimate(guess: comparison.usualShare, cost: .scan))
        }
        let (answer, estimate) = try answer(comparison, lookup, rows)
        return (
            answer.map { .answered(key: key, comparison, $0) } ?? condition, estimate.widened(from: lookup.rowCount, to: rows.rowCount))
    }

    /// What the index says of the rows that it is of, if it was asked for all of it, and what part of them passes.
    private static func answer<Rows: FilterableRows>(
        _ comparison: MetadataComparison, _ lookup: ColumnLookup, _ rows: Rows
    ) throws(Corruption) -> (answer: ColumnAnswer?, estimate: FilterEstimate) {
        let (rowCount, having) = (Double(lookup.rowCount), Double(lookup.entryCount))
        if comparison == .exists || comparison == .missing {
            let share = comparison == .exists ? having / rowCount : 1 - having / rowCount
            return (nil, FilterEstimate(lower: share, expected: share, upper: share, cost: .lookup))
        }
        let query = try ColumnQuery(
            comparison, numbers: { (string) throws(Corruption) in try rows.metadataStringNumber(string) }, valuesMax: valuesLookedUpMax)
        guard let query else { return (nil, FilterEstimate(guess: comparison.usualShare, cost: .scan)) }
        guard let matches = try lookup.matches(query) else {
            let counts = lookup.counts(query)
            let positive = FilterEstimate(lower: 0, expected: counts.expected / rowCount, upper: Double(counts.most) / rowCount, cost: .scan)
            return (nil, query.isNegated ? positive.complement : positive)
        }
        let found = Double(matches.count)
        let share = min(found * query.valuesPerSample, having) / rowCount
        let isCounted = !matches.mayRepeat && query.valuesPerSample == 1
        let positive = FilterEstimate(
            lower: isCounted ? share : 0, expected: share, upper: isCounted ? share : having / rowCount, cost: .lookup)
        return (
            query.valuesPerSample == 1 ? ColumnAnswer(matches: matches, isNegated: query.isNegated) : nil,
            query.isNegated ? positive.complement : positive)
    }

    /// Tests the strings that most rows have, and a sample of the others: their quantiles.
    private static func estimate<Rows: FilterableRows>(_ key: String, _ test: StringTest, _ rows: Rows) throws(Corruption) -> FilterEstimate {
        guard rows.rowCount > 0 else { return .nothing }
        guard let lookup = try rows.columnLookup(of: key) else { return FilterEstimate(guess: usualShareOfStrings, cost: .scan) }
        return try estimate(test, lookup, rows).widened(from: lookup.rowCount, to: rows.rowCount)
    }

    private static func estimate<Rows: FilterableRows>(_ test: StringTest, _ lookup: ColumnLookup, _ rows: Rows) throws(Corruption) -> FilterEstimate {
        guard let strings = lookup.statistics(of: .string) else { return .nothing }
        func accepts(_ bits: ColumnStatistics.Bits) throws(Corruption) -> Bool {
            test.accepts(try rows.metadataString(UInt32(truncatingIfNeeded: bits)))
        }
        var (found, rest) = (0, strings.rowCount)
        for value in strings.heavyValues {
            if try accepts(value.bits) { found += value.rowCount }
            rest -= value.rowCount
        }
        // Where a sample finds nothing, or nothing else, there may still be a little.
        var (samples, accepted) = (1.0, usualShareOfStrings)
        for bits in strings.quantiles where rest > 0 && !strings.heavyValues.contains(where: { $0.bits == bits }) {
            samples += 1
            if try accepts(bits) { accepted += 1 }
        }
        let rowCount = Double(lookup.rowCount)
        return FilterEstimate(
            lower: Double(found) / rowCount, expected: (Double(found) + Double(rest) * accepted / samples) / rowCount,
            upper: Double(found + rest) / rowCount, cost: .scan)
    }

    /// What a test of a string's text usually accepts.
    private static var usualShareOfStrings: Double { 0.1 }

    /// Of longer lists only about so many values are looked up for an estimate.
    private static var valuesLookedUpMax: Int { 512 }
}

extension IdentifierTest {
    fileprivate func estimate(rowCount: Int) -> FilterEstimate {
        switch self {
        case .isIn(let identifiers):
            let share = min(1, Double(identifiers.count) / Double(max(rowCount, 1)))
            return FilterEstimate(lower: 0, expected: share, upper: share, cost: .lookup)
        case .text: return FilterEstimate(guess: 0.1, cost: .scan)
        case .all: return .everything
        case .not(let test): return test.estimate(rowCount: rowCount).complement
        }
    }
}

extension DocumentTest {
    /// What such conditions usually accept.
    var estimate: FilterEstimate {
        switch self {
        case .all(let parts): .all(parts.map(\.estimate))
        case .any(let parts): .any(parts.map(\.estimate))
        case .contains(_, let isNegated), .matches(_, let isNegated): FilterEstimate(guess: isNegated ? 0.9 : 0.1, cost: .documents)
        }
    }
}

extension MetadataComparison {
    /// The part of the rows that such a comparison accepts where nothing is known of them.
    fileprivate var usualShare: Double {
        switch self {
        case .equal, .contains, .text, .date: 0.1
        case .notEqual, .notContains, .exists: 0.9
        case .missing: 0.1
        case .less, .lessOrEqual, .greater, .greaterOrEqual: 0.4
        case .isIn(let values): min(0.8, 0.1 * Double(values.count))
        case .notIn(let values): 1 - min(0.8, 0.1 * Double(values.count))
        }
    }
}
