public import VectorModel

/// The kinds of index that a sealed part can have. The numbers stand in files.
public enum IndexKind: UInt8, CaseIterable, Sendable {
    case hnsw = 1
    case ivf = 2
}

/// A structure over some rows of one sealed part that finds near rows without looking at all of them.
///
/// An index is a cache: everything in it can be made again from the rows. It is one image of bytes, the same in memory and in its file,
/// which is checked once before it is used. What it returns is approximate; the caller computes the distances of what it returns from the floats.
public protocol VectorIndex: Sendable {
    static var kind: IndexKind { get }

    /// How many rows to ask for where the `k` nearest are wanted: the codes' errors shuffle the last places, so some more are compared exactly.
    static func proposalCount(k: Int) -> Int

    /// How many rows it holds: those of its part that had a vector when it was built.
    var rowCount: Int { get }
    /// Floats per vector.
    var dimension: Int { get }
    var metric: Metric { get }
    /// Bytes of its image.
    var byteCount: Int { get }

    /// Finds rows near `query`, the most promising first.
    ///
    /// - Parameters:
    ///   - query: `dimension` finite floats.
    ///   - wanted: how many rows to return; fewer come only when fewer are accepted or reachable within the effort, and none where looking for the
    ///     accepted ones would cost more than a scan of them.
    ///   - effort: how hard to look: `efSearch` for a graph, `nprobe` for lists. Raised to what `wanted` needs.
    ///   - accepted: the rows of the part that may be returned; `nil` for all. The others are walked through.
    ///   - shouldContinue: asked every few hundred distance computations.
    /// - Returns: rows with approximate distances, in the metric as clients know it.
    func search<Failure: Error>(
        _ query: UnsafeBufferPointer<Float>, wanted: Int, effort: Int, accepted: borrowing OrdinalSet?,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor]
}

/// A row that an index returned.
public struct ApproximateNeighbor: BitwiseCopyable, Sendable {
    /// The row within its part.
    public let ordinal: UInt32
    /// The distance as the index's codes tell it.
    public let distance: Float

    @inlinable
    public init(ordinal: UInt32, distance: Float) {
        self.ordinal = ordinal
        self.distance = distance
    }
}

/// What an index is built from: the rows of one part that have a vector, and how to read them.
public struct IndexSource<Failure: Error> {
    public let metric: Metric
    public let dimension: Int
    /// The rows to index, ascending.
    public let ordinals: [UInt32]
    /// Copies the vector of a row, `dimension` finite floats. Called from one thread at a time.
    public let read: (_ ordinal: UInt32, _ vector: UnsafeMutablePointer<Float>) throws(Failure) -> Void

    public init(
        metric: Metric, dimension: Int, ordinals: [UInt32],
        read: @escaping (_ ordinal: UInt32, _ vector: UnsafeMutablePointer<Float>) throws(Failure) -> Void
    ) {
        self.metric = metric
        self.dimension = dimension
        self.ordinals = ordinals
        self.read = read
    }
}

/// How an index is built, whatever its kind.
public struct IndexBuild<Failure: Error> {
    /// The same source, parameters and seed give the same image, whatever the number of threads.
    public let seed: UInt64
    public let threads: Int
    private let progress: ((Double) throws(Failure) -> Void)?

    /// - Parameter progress: told how much is done, from 0 to 1, by the thread that called; ends the build by throwing.
    public init(seed: UInt64, threads: Int = 1, progress: ((Double) throws(Failure) -> Void)? = nil) {
        precondition(threads > 0)
        self.seed = seed
        self.threads = threads
        self.progress = progress
    }

    func report(_ done: Double) throws(Failure) {
        if let progress { try progress(done) }
    }
}

/// An image is not what its header or its own structure says. Derived data: the remedy is to build it again.
public struct IndexImageDamage: Error, Equatable, Sendable, CustomStringConvertible {
    public let offset: Int
    public let reason: String

    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "byte \(offset): \(reason)" }
}
