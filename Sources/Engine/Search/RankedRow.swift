import Indexes
import Segments
import VectorModel

/// A row that a search may return, and where it stands among them.
struct RankedRow {
    let address: RowAddress
    /// `nil`: the search ranks nothing.
    let score: Double?
    /// Breaks ties between equal scores: the smaller, older one comes first.
    let order: UInt64

    /// The better score first, what is not a number last, among equals the older row.
    static func precedes(_ left: RankedRow, _ right: RankedRow) -> Bool {
        guard let first = left.score, let second = right.score else { return left.order < right.order }
        if first != second, !first.isNaN || !second.isNaN { return first < second || second.isNaN }
        return left.order < right.order
    }
}

extension RankProgram {
    /// The scored rows among those that the leaves found, in order.
    ///
    /// Cost: for each row found a step per node of the expression, and sorting.
    /// - Parameters:
    ///   - lists: what each leaf found, the nearest first.
    ///   - shouldContinue: asked every few thousand rows.
    func rank(_ lists: [[Candidate]], _ shouldContinue: () throws(RequestError) -> Void) throws(RequestError) -> [RankedRow] {
        let found = FoundRows(leaves, lists)
        var ranked: [RankedRow] = []
        ranked.reserveCapacity(found.rows.count)
        var stack: [Double] = []
        for (row, candidate) in found.rows.enumerated() where found.isScored(row) {
            if row.isMultiple(of: Self.rowsPerCheck) { try shouldContinue() }
            let score = found.withValues(of: row) { self.score($0, &stack) }
            let address = RowAddress(part: Int(candidate.part), row: Int(candidate.ordinal))
            ranked.append(RankedRow(address: address, score: score, order: candidate.order))
        }
        try shouldContinue()
        ranked.sort(by: RankedRow.precedes)
        return ranked
    }

    private static let rowsPerCheck = 4_096
}

/// The rows that any leaf found, and what each leaf says of them.
private struct FoundRows {
    /// Each row once; the distance is that of the first leaf that found it.
    private(set) var rows: [Candidate] = []
    /// A line for each row, a number for each leaf.
    private var values: [Double] = []
    /// For each row, how many of the leaves found it that must.
    private var requiredFindings: [Int] = []
    private let leafCount: Int
    private let requiredCount: Int

    init(_ leaves: [RankLeaf], _ lists: [[Candidate]]) {
        leafCount = leaves.count
        requiredCount = leaves.count { $0.missing == nil }
        let missing = leaves.map { $0.missing ?? 0 }
        var places: [UInt64: Int] = [:]
        for (leaf, list) in lists.enumerated() {
            for (position, candidate) in list.enumerated() {
                let name = UInt64(candidate.part) << 32 | UInt64(candidate.ordinal)
                let place = places[name] ?? rows.count
                if place == rows.count {
                    places[name] = place
                    rows.append(candidate)
                    values += missing
                    requiredFindings.append(0)
                }
                values[place * leafCount + leaf] = leaves[leaf].countsPositions ? Double(position) : Double(candidate.distance)
                if leaves[leaf].missing == nil { requiredFindings[place] += 1 }
            }
        }
    }

    /// Whether every leaf that must have found the row has.
    func isScored(_ row: Int) -> Bool { requiredFindings[row] == requiredCount }

    func withValues<R>(of row: Int, _ body: (UnsafeBufferPointer<Double>) -> R) -> R {
        values.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[row * leafCount..<(row + 1) * leafCount])) }
    }
}
