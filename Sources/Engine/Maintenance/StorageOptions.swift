/// When memory is written to segments and when segments are merged.
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

    public init() {}
}
