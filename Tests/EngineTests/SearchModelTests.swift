import Engine
import Filtering
import Foundation
import Segments
import Testing
import TestSupport
import VectorModel

/// Random rank expressions over random records, against an evaluation of another kind: tables of scores that operators merge.
@Suite struct SearchModelTests {
    @Test(arguments: Seeds.some(4)) func expressionsScoreAsTablesSay(seed: UInt64) async throws {
        var model = try await SearchModel(seed: seed)
        for state in ["memtable", "segments", "both"] {
            switch state {
            case "segments": try await model.fixture.database.flush()
            case "both": try await model.change()
            default: break
            }
            for number in 0..<60 {
                let rank = model.expression(depth: 4)
                let even: Bool? = number.isMultiple(of: 3) ? nil : number.isMultiple(of: 2)
                let found = try await model.found(rank, even: even)
                let expected = model.expected(rank, even: even)
                let place = "\(state), expression \(number): \(Seeds.replay(seed))"
                #expect(found.map(\.name) == expected.map(\.name), "\(place)")
                for (left, right) in zip(found, expected) where !left.score.isNaN || !right.score.isNaN {
                    #expect(left.score == right.score, "\(place)")
                }
            }
        }
        try await model.fixture.close()
    }
}

/// Records in memory and in a database.
private struct SearchModel {
    struct Row {
        let name: String
        let vector: [Float]
        var words: SparseVector?
        let isEven: Bool
        /// When the record was first written.
        let order: Int
    }

    /// The scores of some records, and of all others.
    struct Table {
        var scores: [String: Double]
        /// `nil`: others have none.
        var others: Double?
    }

    let fixture: SearchFixture
    private var rows: [String: Row] = [:]
    private var random: SeededGenerator

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        fixture = try await SearchFixture()
        try await write(0..<30)
    }

    /// New records, changed ones, and some that are gone.
    mutating func change() async throws {
        try await write(20..<45)
        let gone = ["3", "22", "44"]
        _ = try await fixture.database.delete(DeleteRequest(selector: RecordSelector(identifiers: gone)), from: fixture.collection)
        for name in gone { rows[name] = nil }
    }

    private mutating func write(_ numbers: Range<Int>) async throws {
        var written: [Row] = []
        for number in numbers {
            let indices = (0..<6 as Range<UInt32>).filter { _ in random.chance(0.4) }
            let words = random.chance(0.2) ? nil : try SparseVector(
                indices: indices, values: indices.map { _ in Float(Int.random(in: -4...8, using: &random)) / 4 })
            written.append(Row(
                name: String(number), vector: (0..<2).map { _ in Float(Int.random(in: 0..<6, using: &random)) }, words: words,
                isEven: number.isMultiple(of: 2), order: number))
        }
        try await fixture.add(written.map(\.name), written.map(\.vector), written.map { row in
            var fields = [MetadataField(key: "even", value: .boolean(row.isEven))]
            if let words = row.words { fields.append(MetadataField(key: "words", value: .sparse(words))) }
            return Metadata(fields: fields)
        })
        // A changed record keeps the metadata keys that the change does not name.
        for var row in written {
            row.words = row.words ?? rows[row.name]?.words
            rows[row.name] = row
        }
    }

    // MARK: Expressions

    mutating func expression(depth: Int) -> RankExpression {
        guard depth > 1, random.chance(0.75) else { return random.chance(0.3) ? .value(number()) : .leaf(leaf()) }
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .sum(list(depth))
        case 1: return .product(list(depth))
        case 2: return .minimum(list(depth))
        case 3: return .maximum(list(depth))
        case 4: return .difference(expression(depth: depth - 1), expression(depth: depth - 1))
        case 5: return .quotient(expression(depth: depth - 1), expression(depth: depth - 1))
        case 6: return .absolute(expression(depth: depth - 1))
        case 7: return .exponential(expression(depth: depth - 1))
        default: return .logarithm(expression(depth: depth - 1))
        }
    }

    private mutating func list(_ depth: Int) -> [RankExpression] {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in expression(depth: depth - 1) }
    }

    private mutating func number() -> Double { Double(Int.random(in: -8...8, using: &random)) / 4 }

    private mutating func leaf() -> RankLeaf {
        let vector = (0..<2).map { _ in Float(Int.random(in: 0..<6, using: &random)) }
        let query = random.chance(0.6)
            ? RankLeaf.Query.dense(vector, SearchOverrides(exact: random.chance(0.5)))
            : .sparse(SparseVector(unchecked: [1, 3, 4], [1, -0.5, 2], labels: nil), key: "words")
        return RankLeaf(
            query, limit: Int.random(in: 1...40, using: &random), missing: random.chance(0.5) ? number() : nil, countsPositions: random.chance(0.4))
    }

    // MARK: Answers

    func found(_ rank: RankExpression, even: Bool?) async throws -> [(name: String, score: Double)] {
        let selector = RecordSelector(metadata: even.map { .compare(key: "even", .equal(.boolean($0))) })
        var found: [(name: String, score: Double)] = []
        for hit in try await fixture.search(SearchRequest(selector: selector, rank: rank)) {
            found.append((hit.record.identifier, try #require(hit.score)))
        }
        return found
    }

    func expected(_ rank: RankExpression, even: Bool?) -> [(name: String, score: Double)] {
        let matching = rows.values.filter { even == nil || $0.isEven == even }
        var table = table(rank, matching)
        if !Self.hasLeaves(rank), let others = table.others {
            table.scores = Dictionary(uniqueKeysWithValues: matching.map { ($0.name, others) })
        }
        let order = Dictionary(uniqueKeysWithValues: matching.map { ($0.name, $0.order) })
        return table.scores.map { (name: $0.key, score: $0.value) }.sorted { left, right in
            let (first, second) = (left.score.isNaN ? .infinity : left.score, right.score.isNaN ? .infinity : right.score)
            if first != second { return first < second }
            if left.score.isNaN != right.score.isNaN { return right.score.isNaN }
            return order[left.name, default: 0] < order[right.name, default: 0]
        }
    }

    private static func hasLeaves(_ rank: RankExpression) -> Bool {
        switch rank {
        case .value: false
        case .leaf: true
        case .sum(let parts), .product(let parts), .minimum(let parts), .maximum(let parts): parts.contains { hasLeaves($0) }
        case .difference(let left, let right), .quotient(let left, let right): hasLeaves(left) || hasLeaves(right)
        case .absolute(let part), .exponential(let part), .logarithm(let part): hasLeaves(part)
        }
    }

    private func table(_ rank: RankExpression, _ rows: [Row]) -> Table {
        switch rank {
        case .value(let value): Table(scores: [:], others: value)
        case .leaf(let leaf): table(leaf, rows)
        case .sum(let parts): merged(parts, rows) { $0 + $1 }
        case .product(let parts): merged(parts, rows) { $0 * $1 }
        case .minimum(let parts): merged(parts, rows) { $0.isNaN ? $1 : $1.isNaN ? $0 : min($0, $1) }
        case .maximum(let parts): merged(parts, rows) { $0.isNaN ? $1 : $1.isNaN ? $0 : max($0, $1) }
        case .difference(let left, let right): merged([left, right], rows) { $0 - $1 }
        case .quotient(let left, let right): merged([left, right], rows) { $0 / $1 }
        case .absolute(let part): mapped(part, rows) { $0.magnitude }
        case .exponential(let part): mapped(part, rows) { exp($0) }
        case .logarithm(let part): mapped(part, rows) { log($0) }
        }
    }

    private func mapped(_ rank: RankExpression, _ rows: [Row], _ change: (Double) -> Double) -> Table {
        let table = table(rank, rows)
        return Table(scores: table.scores.mapValues(change), others: table.others.map(change))
    }

    private func merged(_ parts: [RankExpression], _ rows: [Row], _ combine: (Double, Double) -> Double) -> Table {
        parts.dropFirst().reduce(table(parts[0], rows)) { left, part in
            let right = table(part, rows)
            var scores: [String: Double] = [:]
            for name in Set(left.scores.keys).union(right.scores.keys) {
                guard let first = left.scores[name] ?? left.others, let second = right.scores[name] ?? right.others else { continue }
                scores[name] = combine(first, second)
            }
            let others = left.others.flatMap { first in right.others.map { combine(first, $0) } }
            return Table(scores: scores, others: others)
        }
    }

    private func table(_ leaf: RankLeaf, _ rows: [Row]) -> Table {
        let distances: [(row: Row, distance: Double)] = rows.compactMap { row in distance(leaf.query, row).map { (row, Double(Float($0))) } }
        let nearest = distances.sorted { ($0.distance, $0.row.order) < ($1.distance, $1.row.order) }.prefix(leaf.limit)
        let scores = nearest.enumerated().map { place, found in (found.row.name, leaf.countsPositions ? Double(place) : found.distance) }
        return Table(scores: Dictionary(uniqueKeysWithValues: scores), others: leaf.missing)
    }

    /// `nil`: the query does not find the record.
    private func distance(_ query: RankLeaf.Query, _ row: Row) -> Double? {
        switch query {
        case .dense(let vector, _):
            return zip(vector, row.vector).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        case .sparse(let vector, _):
            guard let words = row.words else { return nil }
            let theirs = Dictionary(uniqueKeysWithValues: zip(words.indices, words.values))
            let products = zip(vector.indices, vector.values).compactMap { index, value in theirs[index].map { Double($0) * Double(value) } }
            return products.isEmpty ? nil : 1 - products.reduce(0, +)
        case .words: return nil
        }
    }
}
