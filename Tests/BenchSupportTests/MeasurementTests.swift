import BenchSupport
import Indexes
import LyricaClient
import Synchronization
import TestSupport
import Testing
import VectorModel

@Suite struct MeasurementTests {
    /// On a line, with rows 3 and 4 in one place.
    static func line() throws -> Dataset {
        let base = try matrix([[0], [1], [2], [4], [4], [9]])
        return try Dataset(name: "line", metric: .l2, base: base, queries: try matrix([[0], [3], [9]]), truth: nil)
    }

    static func matrix(_ rows: [[Float]]) throws -> VectorMatrix {
        try VectorMatrix(rowCount: rows.count, dimension: rows[0].count) { floats in
            for (index, value) in rows.flatMap({ $0 }).enumerated() { floats[index] = value }
        }
    }

    static func exact(_ data: Dataset, k: Int) throws -> ExactDistances {
        try ExactDistances(searching: BaseRows(data.base, metric: data.metric, encodes: true), of: data, k: k, threads: 2, progress: .silent)
    }

    @Test func recallCountsTiesAndNothingTwice() throws {
        let exact = try Self.exact(try Self.line(), k: 2)
        #expect(exact.farthest == [1, 1, 25])
        #expect(exact.recall(of: [0, 1], query: 0) == 1)
        #expect(exact.recall(of: [1, 5], query: 0) == 0.5)
        // Rows 2, 3 and 4 are equally near: any two of them are right.
        #expect(exact.recall(of: [3, 4], query: 1) == 1)
        #expect(exact.recall(of: [2, 4], query: 1) == 1)
        #expect(exact.recall(of: [2, 3, 4], query: 1) == 1)
        #expect(exact.recall(of: [2, 2], query: 1) == 0.5)
        #expect(exact.recall(of: [0, 5], query: 1) == 0)
        #expect(exact.recall(of: [UInt32](), query: 1) == 0)
    }

    @Test func truthOfAFileIsMeasuredAnew() throws {
        let data = try Self.line()
        let truth = try TrueNeighbors(numbers: [0, 1, 2, 3, 2, 4, 5, 4, 3], width: 3, baseRows: 6, name: "truth")
        #expect(try ExactDistances(truth, of: data, k: 2).farthest == [1, 1, 25])
        #expect(throws: ClientError.self) { try ExactDistances(truth, of: data, k: 4) }
    }

    @Test(arguments: Metric.allCases, Seeds.some(2)) func exactSearchFindsEverything(metric: Metric, seed: UInt64) throws {
        let vectors = try SyntheticVectors(parsing: "700,70,9")
        let data = try DatasetSource(origin: .synthetic(vectors, seed: seed), metric: metric, heldOut: 30).load(progress: .silent)
        let exact = try Self.exact(data, k: 7)
        for codes in [false, true] {
            let flat = FlatIndex(try BaseRows(data.base, metric: metric, encodes: codes))
            for batch in [1, 4, 30] {
                let measured = try QueryRun(flat, data, exact, threads: 2, rounds: 1).measure(SearchSetting(batch: batch))
                #expect(measured.recall == 1, "codes \(codes), batch \(batch), \(Seeds.replay(seed))")
                #expect(measured.queriesPerSecond > 0 && measured.p50Microseconds <= measured.p99Microseconds)
            }
        }
    }

    /// Finds the first `effort` of the rows 0, 1, 2, … and counts what it is asked.
    private final class CountingIndex: BenchIndex {
        let asked = Mutex<[Float: Int]>([:])
        var indexBytes: Int { 0 }

        func nearest(_ queries: VectorMatrix, k: Int, _ setting: SearchSetting) -> [[Candidate]] {
            (0..<queries.rowCount).map { query in
                asked.withLock { $0[queries.row(query)[0], default: 0] += 1 }
                return (0..<UInt32(setting.effort)).map { Candidate(distance: 0, ordinal: $0, order: UInt64($0)) }
            }
        }
    }

    @Test(arguments: [1, 3], [1, 2, 100]) func asksEveryQueryEquallyOften(threads: Int, batch: Int) throws {
        let rows = (0..<10).map { [Float($0)] }
        let data = try Dataset(name: "ten", metric: .l2, base: try Self.matrix(rows), queries: try Self.matrix(rows), truth: nil)
        let index = CountingIndex()
        let run = QueryRun(index, data, try Self.exact(data, k: 1), threads: threads, rounds: 2)
        // Of the rows that are found only the first is kept, which is right for one query of ten.
        let measured = try run.measure(SearchSetting(effort: 4, batch: batch))
        #expect(abs(measured.recall - 0.1) < 1e-9)
        let counts = index.asked.withLock { $0 }
        #expect(counts.count == 10)
        #expect(Set(counts.values).count == 1)
    }

    @Test func everyItemIsTakenOnce() {
        let taken = TakenItems()
        var progress: [Int] = []
        inParallel(over: 1_000, threads: 4) { progress.append($0) } _: { taken.add($0) }
        #expect(taken.sorted == Array(0..<1_000))
        #expect(progress == progress.sorted())
        inParallel(over: 0, threads: 4) { _ in taken.add(-1) }
        #expect(taken.sorted.first == 0)
    }

    /// What the work holds is free when it is done: its memory may be measured next.
    @Test func workIsDroppedByAllThreads() {
        for _ in 0..<200 {
            weak var held: TakenItems?
            do {
                let items = TakenItems()
                held = items
                inParallel(over: 8, threads: 3) { items.add($0) }
            }
            #expect(held == nil)
        }
    }

    private final class TakenItems: Sendable {
        private let items = Mutex<[Int]>([])
        func add(_ item: Int) { items.withLock { $0.append(item) } }
        var sorted: [Int] { items.withLock { $0.sorted() } }
    }
}
