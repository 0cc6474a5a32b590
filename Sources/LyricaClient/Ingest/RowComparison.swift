/// Compares rows with each other and with the collection: one dimension for all, and, if wanted, duplicates.
///
/// Remembers 128-bit hashes instead of ids and vectors, some 50 bytes for each row and kind: memory grows with the number of rows, not with
/// their size, and two different values are never taken for equal in practice.
public struct RowComparison: Sendable {
    /// How far back duplicates are looked for.
    public enum Memory: Sendable {
        /// Over all rows, vectors too: a dry run.
        case allRows
        /// Not at all; the batch that is built looks for equal ids itself.
        case dimensionOnly
    }

    private struct Fingerprint: Hashable {
        let first: Int
        let second: Int

        /// Swift's hash is keyed anew for each process; the two halves differ by what is fed first.
        init(_ value: some Hashable) {
            var hasher = Hasher()
            hasher.combine(0)
            hasher.combine(value)
            first = hasher.finalize()
            hasher = Hasher()
            hasher.combine(1)
            hasher.combine(value)
            second = hasher.finalize()
        }
    }

    private let memory: Memory
    private var expected: (dimension: Int, from: String)?
    private var rowsByID: [Fingerprint: Int] = [:]
    private var rowsByVector: [Fingerprint: Int] = [:]

    /// - Parameter collectionDimension: What the collection has fixed already; else the first row decides.
    public init(memory: Memory, collectionDimension: Int?) {
        self.memory = memory
        expected = collectionDimension.map { ($0, "the collection has") }
    }

    /// What is wrong, or worth a warning, with a row in the light of those before it.
    public mutating func problems(with record: IngestRecord) -> [RowProblem] {
        var problems = RowProblems(row: record.row)
        if let expected {
            if record.embedding.count != expected.dimension {
                problems.add(.dimension, "\(record.embedding.count) components, \(expected.from) \(expected.dimension)")
            }
        } else {
            expected = (record.embedding.count, "row \(record.row) has")
        }
        switch memory {
        case .dimensionOnly: break
        case .allRows: compare(record, &problems)
        }
        return problems.list
    }

    private mutating func compare(_ record: IngestRecord, _ problems: inout RowProblems) {
        if let earlier = Self.register(Fingerprint(record.id), row: record.row, in: &rowsByID) {
            problems.add(.duplicateID, "the id is the one of row \(earlier)")
        }
        if record.embedding.allSatisfy({ $0 == 0 }) {
            problems.add(.zeroVector, "all components are 0")
        } else if let earlier = Self.register(Fingerprint(record.embedding), row: record.row, in: &rowsByVector) {
            problems.add(.duplicateVector, "the vector is the one of row \(earlier)")
        }
    }

    /// Remembers the first row of a value; the answer is that row when the value was there before.
    private static func register(_ value: Fingerprint, row: Int, in rows: inout [Fingerprint: Int]) -> Int? {
        if let earlier = rows[value] { return earlier }
        rows[value] = row
        return nil
    }
}
