import Indexes
package import LyricaClient

/// What one setting of a search does.
package struct SearchMeasurement: Sendable {
    package let setting: SearchSetting
    /// Mean over the queries, 0 to 1.
    package let recall: Double
    package let queriesPerSecond: Double
    /// From asking to having the answer, in µs; of queries that are answered together, the time of all of them.
    package let p50Microseconds: Double
    package let p99Microseconds: Double
}

/// Asks all queries of a data set and measures.
package struct QueryRun<Index: BenchIndex>: Sendable {
    private let index: Index
    private let data: Dataset
    private let exact: ExactDistances
    private let threads: Int
    private let rounds: Int

    private static var warmUp: Duration { .seconds(1) }
    /// Fast settings are asked more often, slow ones no more once this is spent: as the peers beside this benchmark are measured.
    private static var secondsMin: Double { 0.4 }
    private static var secondsMax: Double { 8 }

    /// - Parameters:
    ///   - threads: how many ask at once, each the next query that nobody has asked yet.
    ///   - rounds: how often all queries are asked for one setting; if more than once, at least for 0.4 seconds, and no more after 8. The fastest
    ///     round is what counts, as neighbours on the machine only slow down.
    package init(_ index: Index, _ data: Dataset, _ exact: ExactDistances, threads: Int, rounds: Int) {
        precondition(threads > 0 && rounds > 0)
        self.index = index
        self.data = data
        self.exact = exact
        self.threads = threads
        self.rounds = rounds
    }

    /// Warms up with the same queries, for a second at most, and measures.
    package func measure(_ setting: SearchSetting) throws(ClientError) -> SearchMeasurement {
        let answers = try Answers(queryCount: data.queries.rowCount, k: exact.k)
        ask(setting, answers, until: .now + Self.warmUp)
        var best = ask(setting, answers, until: nil)
        var latencies = answers.sortedMicroseconds()
        var (done, spent) = (1, best)
        while rounds > 1, (done < rounds && spent < Self.secondsMax) || spent < Self.secondsMin {
            let seconds = ask(setting, answers, until: nil)
            (done, spent) = (done + 1, spent + seconds)
            if seconds < best { (best, latencies) = (seconds, answers.sortedMicroseconds()) }
        }
        let queryCount = data.queries.rowCount
        let recall = (0..<queryCount).reduce(0) { $0 + exact.recall(of: answers.rows(of: $1), query: $1) } / Double(queryCount)
        return SearchMeasurement(
            setting: setting, recall: recall, queriesPerSecond: Double(queryCount) / best,
            p50Microseconds: Self.quantile(0.5, of: latencies), p99Microseconds: Self.quantile(0.99, of: latencies))
    }

    /// Asks every query once and returns the seconds it took.
    /// - Parameter deadline: ask none after this moment; the answers are then incomplete.
    @discardableResult
    private func ask(_ setting: SearchSetting, _ answers: Answers, until deadline: ContinuousClock.Instant?) -> Double {
        let queryCount = data.queries.rowCount
        let batch = min(setting.batch, queryCount)
        let (index, queries, k) = (index, data.queries, exact.k)
        let clock = ContinuousClock()
        let start = clock.now
        inParallel(over: (queryCount + batch - 1) / batch, threads: threads) { item in
            let rows = item * batch..<min((item + 1) * batch, queryCount)
            let began = clock.now
            if let deadline, began > deadline { return }
            let found = index.nearest(queries.slice(rows), k: k, setting)
            let microseconds = (clock.now - began) / .microseconds(1)
            for (query, candidates) in zip(rows, found) { answers.store(candidates.lazy.map(\.ordinal), microseconds, of: query) }
        }
        return (clock.now - start) / .seconds(1)
    }

    /// The value that the share `share` of the sorted values lies below.
    static func quantile(_ share: Double, of sorted: [Float]) -> Double {
        sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
    }
}

/// The rows that were found for each query and how long it took, in memory that is there before the clock runs.
private final class Answers: Sendable {
    private let k: Int
    private let queryCount: Int
    private let ordinals: AlignedMemory
    private let times: AlignedMemory

    private static let none = UInt32.max

    init(queryCount: Int, k: Int) throws(ClientError) {
        self.k = k
        self.queryCount = queryCount
        ordinals = try AlignedMemory(byteCount: queryCount * k * MemoryLayout<UInt32>.stride, purpose: "the answers")
        times = try AlignedMemory(byteCount: queryCount * MemoryLayout<Float>.stride, purpose: "the times")
    }

    /// At most `k` rows. For one thread per query.
    func store(_ rows: some Sequence<UInt32>, _ microseconds: Double, of query: Int) {
        // SAFETY: every query has `k` places of its own, which the one thread that has the query writes.
        let places = UnsafeMutableBufferPointer(rebasing: ordinals.bytes.assumingMemoryBound(to: UInt32.self)[query * k..<(query + 1) * k])
        var rows = rows.makeIterator()
        for index in places.indices { places[index] = rows.next() ?? Self.none }
        times.bytes.storeBytes(of: Float(microseconds), toByteOffset: query * MemoryLayout<Float>.stride, as: Float.self)
    }

    func rows(of query: Int) -> [UInt32] {
        ordinals.bytes.assumingMemoryBound(to: UInt32.self)[query * k..<(query + 1) * k].filter { $0 != Self.none }
    }

    func sortedMicroseconds() -> [Float] { times.bytes.assumingMemoryBound(to: Float.self).sorted() }
}
