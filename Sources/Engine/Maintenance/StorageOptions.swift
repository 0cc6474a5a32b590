import FoundationEssentials

/// When memory is written to segments, when segments are merged, and when they get an index.
public struct StorageOptions: Sendable {
    /// A collection's memtable is written to a segment when it has this many bytes. Default 64 MiB: large enough for sequential writes, small
    /// enough that recovery reads it back in a fraction of a second.
    public var memtableBytes = 64 << 20
    /// All memtables together; the largest are written first. Default 256 MiB.
    public var memtableBytesTotal = 256 << 20
    /// Beyond this the disk does not keep up, and writes are refused until it does. Default 1 GiB.
    public var memtableBytesMax = 1 << 30
    /// How much log recovery may have to read: collections that pin older files are written to segments. Default 128 MiB.
    public var logBytes = 128 << 20
    /// A collection that was not written to for so long is written to a segment, in milliseconds. Default 30 s: then nothing of it needs recovery.
    public var idleMilliseconds = 30_000
    /// How many segments of about one size are merged into one. Default 4: each row is then written about log₄ times of the number of flushes.
    public var segmentsPerTier = 4
    /// Segments whose sizes differ by no more than this factor are of one tier. Default 4.
    public var tierRatio = 4
    /// The share of dead rows at which a segment is rewritten. Default 0.2: the disk holds at most 1.25 times what lives.
    public var deadShareMax = 0.2
    /// No merge makes a segment larger than this many bytes. Default 8 GiB.
    public var segmentBytesMax = 8 << 30
    /// What merging may write, in bytes per second. Default 256 MiB/s; 0 for no limit.
    public var compactionBytesPerSecond = 256 << 20

    /// A collection that has not been flushed for so long settles: its segments are merged into one. In milliseconds, default 1 s.
    public var settleMilliseconds = 1_000
    /// Settling makes no segment larger than this many bytes. Default 2 GiB: an index of one such segment is built in minutes.
    public var settledBytesMax = 2 << 30
    /// How many rows with a vector a segment must have to get an index. Default 4,096: a scan of fewer codes takes no longer than a walk through
    /// a graph.
    public var indexRowsMin = 4_096
    /// A memtable with so many rows is written to a segment when nobody has written to it for so long, in milliseconds, so that it gets its index.
    /// Default 500 ms: a loader's next batch comes sooner.
    public var indexIdleMilliseconds = 500
    /// A segment waits for its index until its collection has been at rest for `settleMilliseconds`, or for so long. Default 30 s: while a collection
    /// is loaded most segments are merged before, and one index is built instead of many.
    public var indexDelayMilliseconds = 30_000
    /// How many rows a segment must have to get a lookup file for filters, and a memtable to get one in memory when filters ask. Default 4,096: looking
    /// at the values of fewer rows takes some microseconds.
    public var lookupRowsMin = 4_096
    /// Threads that build an index, at low priority; one index is built at a time. Default: one per core.
    public var indexThreads = max(1, ProcessInfo.processInfo.activeProcessorCount)
    /// What graphs may take of memory, in bytes, all collections together: a collection that leaves the choice to the server gets inverted files
    /// beyond. Default: half of the machine's memory.
    public var indexMemory = Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)

    public init() {}
}
