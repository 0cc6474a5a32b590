import Engine
import Segments
import Testing

@Suite struct IndexPolicyTests {
    private func chosen(
        _ rows: Int, _ configuration: IndexConfiguration = .init(), dimension: Int? = 100, memory: Int = 1 << 30, elsewhere: Int = 0
    ) -> [IndexParameters] {
        var options = StorageOptions()
        (options.indexRowsMin, options.indexMemory) = (1_000, memory)
        return IndexPolicy(options: options).acceptable(
            .init(rowCount: rows, dimension: dimension, graphBytesElsewhere: elsewhere), configuration)
    }

    private let graph = IndexParameters.hnsw(M: 16, efConstruction: 100)

    @Test func smallSegmentsAndThoseWithoutVectorsHaveNone() {
        for choice in IndexChoice.allCases { #expect(chosen(999, IndexConfiguration(choice: choice)).isEmpty) }
        #expect(chosen(100_000, dimension: nil).isEmpty)
        #expect(chosen(100_000, IndexConfiguration(choice: .flat)).isEmpty)
    }

    @Test func theServerTakesAGraphWhileThereIsMemory() {
        #expect(chosen(1_000) == [graph, .ivf(nlist: nil)])
        #expect(chosen(100_000, memory: 1 << 20) == [.ivf(nlist: nil), graph])
        #expect(chosen(1_000, elsewhere: 1 << 30) == [.ivf(nlist: nil), graph])
    }

    @Test func theClientsChoiceCounts() {
        #expect(chosen(1_000, IndexConfiguration(choice: .hnsw, M: 24, efConstruction: 200), memory: 0) == [.hnsw(M: 24, efConstruction: 200)])
        #expect(chosen(1_000, IndexConfiguration(choice: .ivf, nlist: 77)) == [.ivf(nlist: 77)])
        #expect(chosen(1_000, IndexConfiguration(choice: .ivf, nlist: -5)) == [.ivf(nlist: 1)])
    }

    @Test func parametersThatNoGraphCanHaveAreBroughtIntoRange() {
        for number in [Int.min, 0, .max] {
            let chosen = chosen(1_000, IndexConfiguration(choice: .hnsw, M: number, efConstruction: number))
            guard case .hnsw(let M, let efConstruction)? = chosen.first else {
                Issue.record("no graph")
                return
            }
            #expect(2...64 ~= M && 8...4_096 ~= efConstruction)
        }
    }
}

@Suite struct SettlingTests {
    private let mebibyte = 1 << 20

    private func chosen(_ mebibytes: [Int], rest: Int, settle: Int = 1_000, bytesMax: Int = 1 << 40) -> [Int] {
        var options = StorageOptions()
        (options.segmentsPerTier, options.settleMilliseconds, options.settledBytesMax) = (8, settle, bytesMax)
        return CompactionPolicy(options: options).choose(
            mebibytes.map { CompactionPolicy.Candidate(bytes: $0 * mebibyte, rowCount: 100, deadCount: 0) }, restMilliseconds: rest)
    }

    @Test func aCollectionAtRestBecomesOneSegment() {
        #expect(chosen([64, 64, 300], rest: 999).isEmpty)
        #expect(chosen([64, 64, 300], rest: 1_000) == [0, 1, 2])
        #expect(chosen([300], rest: 100_000).isEmpty)
    }

    @Test func theLargestIsRewrittenOnlyForWhatIsWorthIt() {
        #expect(chosen([900, 20, 20], rest: 59_999).isEmpty)
        #expect(chosen([900, 20, 20], rest: 60_000) == [0, 1, 2])
        #expect(chosen([900, 100, 100], rest: 1_000) == [0, 1, 2])
    }

    @Test func noSegmentBecomesLargerThanItMay() {
        #expect(chosen([1_500, 300, 300], rest: 1_000, bytesMax: 2_000 * mebibyte) == [1, 2])
        #expect(chosen([1_500, 600], rest: 1_000, bytesMax: 2_000 * mebibyte).isEmpty)
    }

    @Test func whatIsDeadGoesAfterALongRest() {
        func chosen(dead: Int, rest: Int, bytesMax: Int = 1 << 40) -> [Int] {
            var options = StorageOptions()
            (options.settleMilliseconds, options.settledBytesMax) = (1_000, bytesMax)
            return CompactionPolicy(options: options).choose([.init(bytes: 1 << 30, rowCount: 1_000, deadCount: dead)], restMilliseconds: rest)
        }
        #expect(chosen(dead: 100, rest: 59_999).isEmpty)
        #expect(chosen(dead: 100, rest: 60_000) == [0])
        #expect(chosen(dead: 31, rest: 60_000).isEmpty)
        #expect(chosen(dead: 100, rest: 60_000, bytesMax: 1 << 20).isEmpty)
    }

    @Test func itCanBeSwitchedOff() {
        #expect(chosen([64, 64], rest: .max - 1, settle: .max).isEmpty)
    }

    @Test func rowsThatWaitForAnIndexAreFlushedSooner() {
        var options = StorageOptions()
        (options.indexRowsMin, options.indexIdleMilliseconds) = (100, 500)
        func reasons(rows: Int, idle: Int) -> [FlushPolicy.Reason] {
            let candidate = FlushPolicy.Candidate(
                index: 0, memtableBytes: 1, pinnedLogBytes: 0, idleMilliseconds: idle, newlyDeadShare: 0, unindexedRows: rows)
            return FlushPolicy(options: options).choose([candidate]).map(\.reason)
        }
        #expect(reasons(rows: 100, idle: 500) == [.awaitsIndex])
        #expect(reasons(rows: 99, idle: 500).isEmpty)
        #expect(reasons(rows: 100, idle: 499).isEmpty)
    }
}
