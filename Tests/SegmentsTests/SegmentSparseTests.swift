import Filtering
import Indexes
import Segments
import Testing
import TestSupport
import VectorModel

/// Sparse vectors of rows: read one by one in memtable and segment, and through the segment's inverted index.
@Suite struct SegmentSparseTests {
    @Test(arguments: Seeds.some(2))
    func scoresAreTheSameHoweverTheyAreFound(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var rows = sampleRows(SampleShape(rows: Int.random(in: 1...400, using: &generator), dimension: nil), &generator)
        // `all` is in every row, `some` in few, `mixed` has other kinds too.
        for row in rows.indices {
            var fields = [MetadataField(key: "all", value: .sparse(sampleSparseVector(&generator)))]
            if generator.chance(percent: 10) { fields.append(MetadataField(key: "some", value: .sparse(sampleSparseVector(&generator)))) }
            fields.append(MetadataField(key: "mixed", value: generator.chance(percent: 50) ? .sparse(sampleSparseVector(&generator)) : .integer(1)))
            rows[row].metadata = (rows[row].metadata ?? Metadata([:])).merged(with: Metadata(fields: fields))
        }
        let inMemory = memtable(rows).reader()
        try withSegmentDirectory { directory in
            let segment = try openSample(rows, as: .sample(dimension: nil), in: directory)
            #expect(segment.checkEverything() == [])
            let cursor = try segment.cursor()
            try segment.buildLookup { () throws(IndexBuildError) in }
            let indexed = RowReader.segment(cursor)
            for key in ["all", "some", "mixed", "absent", "kind"] {
                for _ in 0..<8 {
                    let query = sampleSparseVector(&generator)
                    var candidates = OrdinalSet.all(below: rows.count)
                    let share = [100, 50, 3].randomElement(using: &generator) ?? 100
                    candidates.filter { _ in generator.chance(percent: share) }
                    let scores = try inMemory.sparseScores(of: query, key: key, among: candidates) {}
                    #expect(same(scores, expected(rows, key, query, candidates)), "\(Seeds.replay(seed)) \(key)")
                    #expect(same(scores, try cursor.sparseScores(of: query, key: key, among: candidates) {}), "\(Seeds.replay(seed)) \(key)")
                    var best = ScoredTopK(k: rows.count)
                    try indexed.searchSparse(query, key: key, accepted: candidates, part: 0, into: &best) { () throws(RequestError) in }
                    let found = best.sorted().map { (row: Int($0.ordinal), score: $0.score) }.sorted { $0.row < $1.row }
                    #expect(same(scores, found), "\(Seeds.replay(seed)) \(key)")
                    let counts = try indexed.sparseCounts(of: query, key: key, among: candidates) { () throws(RequestError) in }
                    #expect(try inMemory.sparseFrequencies(of: query, key: key, among: candidates) {} == counts)
                    #expect(try cursor.sparseFrequencies(of: query, key: key, among: candidates) {} == counts)
                }
            }
        }
    }

    private func memtable(_ rows: [SampleRow]) -> Memtable {
        let table = Memtable(metric: .l2)
        for row in rows {
            let parts = RecordParts(document: row.document, uri: row.uri, metadata: row.metadata)
            table.append(row.identifier, parts, insertionKey: row.insertionKey, sequence: SequenceNumber(row.sequence))
        }
        return table
    }

    private func same(_ left: [(row: Int, score: Double)], _ right: [(row: Int, score: Double)]) -> Bool {
        left.map(\.row) == right.map(\.row) && left.map(\.score) == right.map(\.score)
    }

    private func expected(_ rows: [SampleRow], _ key: String, _ query: SparseVector, _ candidates: OrdinalSet) -> [(row: Int, score: Double)] {
        let weights = Dictionary(zip(query.indices, query.values)) { $1 }
        return rows.indices.compactMap { row in
            guard candidates.contains(row), case .sparse(let vector) = rows[row].metadata?[key] else { return nil }
            let common = zip(vector.indices, vector.values).compactMap { index, value in weights[index].map { Double($0) * Double(value) } }
            return common.isEmpty ? nil : (row, common.reduce(0, +))
        }
    }

    @Test func workEndsWhenItIsTold() throws {
        var generator = SeededGenerator(seed: 5)
        let rows = (0..<9_000).map { number in
            SampleRow(
                identifier: "\(number)", vector: nil, document: nil, uri: nil, metadata: Metadata(["v": .sparse(sampleSparseVector(&generator))]),
                insertionKey: UInt64(number), sequence: 1)
        }
        let query = try SparseVector(indices: [0], values: [1])
        let all = OrdinalSet.all(below: rows.count)
        try withSegmentDirectory { directory in
            let cursor = try openSample(rows, as: .sample(dimension: nil), in: directory).cursor()
            for limit in 0..<3 {
                var asked = 0
                #expect(throws: RequestError.self) {
                    _ = try cursor.sparseScores(of: query, key: "v", among: all) { () throws(RequestError) in
                        if asked == limit { throw .invalid("deadline", "is over") }
                        asked += 1
                    }
                }
                #expect(asked == limit)
            }
            // The only metadata key has the only column.
            let column = 0
            #expect(try cursor.sparseIndex(ofColumn: column) { true } != nil)
            for limit in 0..<6 {
                var asked = 0
                let index = try cursor.sparseIndex(ofColumn: column) {
                    asked += 1
                    return asked <= limit
                }
                #expect(index == nil && asked == limit + 1)
            }
        }
    }
}
