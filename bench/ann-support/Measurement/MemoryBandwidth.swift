import Indexes
package import LyricaClient
import VectorKernels

/// How fast the machine reads memory in order, and how fast an exact search gets through the same rows.
package struct MemoryBandwidth: Sendable {
    /// Bytes per second of reading and nothing else.
    package let read: Double
    /// Bytes of floats per second that a search looks at, when it reads the floats.
    package let floatScan: Double
    /// Bytes of floats per second that a search is through with, when it reads the codes first; `nil` where vectors are too short for codes.
    package let codeScan: Double?

    /// Measures the three in turn, `rounds` times each, and keeps the best of each: neighbours on the machine only slow down.
    /// - Parameters:
    ///   - rows: with codes, unless the dimension is too small. Should be several times larger than the processor's caches.
    ///   - queries: what is searched; each search asks the next.
    ///   - threads: how many read, or search, at once.
    package init(_ rows: BaseRows, queries: VectorMatrix, k: Int, threads: Int, rounds: Int) throws(ClientError) {
        precondition(rounds > 0)
        let plain = FlatIndex(try BaseRows(rows.matrix, metric: rows.metric, encodes: false))
        let coded = rows.hasCodes ? FlatIndex(rows) : nil
        var (read, floatScan, codeScan) = (0.0, 0.0, 0.0)
        for round in 0..<rounds {
            read = max(read, Self.readOnce(rows.matrix, threads: threads))
            floatScan = max(floatScan, Self.searchOnce(plain, rows.matrix, queries, round, k: k, threads: threads))
            if let coded { codeScan = max(codeScan, Self.searchOnce(coded, rows.matrix, queries, round, k: k, threads: threads)) }
        }
        self.read = read
        self.floatScan = floatScan
        self.codeScan = coded == nil ? nil : codeScan
    }

    /// Floats that one call of a kernel goes through.
    private static let chunkFloats = 1 << 16

    /// Each thread reads a share of the floats, with the widest loads that the kernels have: the inner product of memory with itself reads every
    /// cache line once, and its arithmetic is far faster than memory.
    private static func readOnce(_ matrix: VectorMatrix, threads: Int) -> Double {
        let total = matrix.rowCount * matrix.dimension
        let share = (total + threads - 1) / threads
        return bytesPerSecond(matrix.byteCount) {
            inParallel(over: threads, threads: threads) { thread in
                let floats = matrix.floats
                let kernels = VectorKernels.active
                var sum: Float = 0
                let end = min((thread + 1) * share, total)
                for first in stride(from: thread * share, to: end, by: chunkFloats) {
                    sum += kernels.squaredNorm(floats.baseAddress.unsafelyUnwrapped + first, dimension: min(chunkFloats, end - first))
                }
                keep(sum)
            }
        }
    }

    /// Each thread searches all rows for one query.
    private static func searchOnce(
        _ index: FlatIndex, _ matrix: VectorMatrix, _ queries: VectorMatrix, _ round: Int, k: Int, threads: Int
    ) -> Double {
        bytesPerSecond(matrix.byteCount * threads) {
            inParallel(over: threads, threads: threads) { thread in
                keep(Float(index.nearest(queries.row((round * threads + thread) % queries.rowCount), k: k).count))
            }
        }
    }

    private static func bytesPerSecond(_ bytes: Int, _ work: () -> Void) -> Double {
        let start = ContinuousClock.now
        work()
        return Double(bytes) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Uses a value in a way that the compiler cannot see through.
    @inline(never)
    private static func keep(_ value: Float) { withExtendedLifetime(value) {} }
}
