import ByteCoding
import TextSearch
import VectorModel

/// A condition on documents made ready to run: what an index can be asked, and the patterns for the documents that it leaves undecided.
struct CompiledDocumentCondition: Sendable {
    private let trigrams: DocumentTrigrams
    private let test: DocumentTest

    init(_ condition: DocumentCondition, limits: Limits) throws(RequestError) {
        // The index is asked only for patterns that compile.
        test = try DocumentTest(condition, limits: limits)
        trigrams = DocumentTrigrams(condition)
    }

    /// Removes from `candidates` the rows that do not match. Documents are read only where the index leaves them undecided.
    func apply<Rows: FilterableRows>(
        to candidates: inout OrdinalSet, of rows: Rows, asksTrigrams: Bool, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        guard asksTrigrams, candidates.count >= Self.candidatesForIndexMin else { return try read(&candidates, of: rows, shouldContinue) }
        let found = bounds(of: candidates, in: rows)
        candidates = found.undecided
        try read(&candidates, of: rows, shouldContinue)
        candidates.formUnion(found.certain)
    }

    /// Which of some rows match certainly and which possibly, as the index tells; without one all of them do possibly.
    func bounds<Rows: FilterableRows>(of candidates: OrdinalSet, in rows: Rows) -> RowBounds {
        guard let index = rows.documentTrigrams else { return RowBounds(anyOf: candidates) }
        var found = trigrams.rows(in: index).widened(to: candidates.bound)
        found.formIntersection(candidates)
        return found
    }

    /// The documents of so few rows are read sooner than the lists of an index.
    private static let candidatesForIndexMin = 16

    /// What part of the rows matches, and what an evaluation goes through to know. No list of the index is read.
    func estimate<Rows: FilterableRows>(over rows: Rows) -> FilterEstimate {
        guard let index = rows.documentTrigrams, index.rowCount > 0 else { return test.estimate }
        let (found, rowCount) = (trigrams.estimate(in: index), Double(index.rowCount))
        let undecided = Double(found.upper - found.lower + rows.rowCount - index.rowCount)
        let cost: FilterEstimate.Cost = undecided == 0 ? .lookup : undecided * Self.valuesPerDocument <= Double(rows.rowCount) ? .scan : .documents
        return FilterEstimate(
            lower: Double(found.lower) / rowCount, expected: Double(found.expected) / rowCount, upper: Double(found.upper) / rowCount, cost: cost
        ).widened(from: index.rowCount, to: rows.rowCount)
    }

    /// Reading one document takes about as long as looking at so many values.
    private static let valuesPerDocument = 64.0

    private func read<Rows: FilterableRows>(
        _ candidates: inout OrdinalSet, of rows: Rows, _ shouldContinue: () throws(RequestError) -> Void
    ) throws(RequestError) {
        // Documents can be large: ask often.
        let rowsBetweenChecks = 64
        var untilCheck = 0
        var failure: RequestError?
        candidates.filter { row in
            guard failure == nil else { return false }
            if untilCheck == 0 {
                untilCheck = rowsBetweenChecks
                do throws(RequestError) { try shouldContinue() } catch { failure = error }
            }
            untilCheck -= 1
            do throws(Corruption) {
                return test.accepts(try rows.document(of: row))
            } catch {
                failure = RequestError(error)
                return false
            }
        }
        if let failure { throw failure }
    }
}
