/// What an acknowledgement means, and so how much a log may lose when the machine, not only the process, dies.
///
/// Whatever the mode: the death of the process alone loses nothing acknowledged; what is left after the death of the machine is a prefix of
/// the log without holes; closing the log, starting a new file and `waitUntilSyncedBlocking` sync, so only records of the last file can be lost.
public enum LogDurability: Hashable, Sendable {
    /// A change is acknowledged after `fdatasync`: nothing acknowledged is lost.
    case sync
    /// A change is acknowledged once the operating system has it; the log's thread syncs this long after the first change that is not
    /// synced, so that the death of the machine loses at most the changes of about the last interval. At least 1.
    case interval(milliseconds: Int)
    /// A change is acknowledged once the operating system has it, which writes it in its own time, often after half a minute: the death of
    /// the machine may lose every change since the last file was begun.
    case none
}

/// Settings of a log. They may differ from one opening to the next.
public struct LogOptions: Sendable {
    /// The length of a log file in bytes. Default 16 MiB, a multiple of 8 from 4 KiB to 1 GiB; a record that does not fit gets a file of its size.
    ///
    /// The next file is written full of zeros before it is needed, so this is also the least that an idle log occupies. Overwriting such
    /// space syncs in a fraction of the time that growing a file takes.
    public var fileBytes: Int {
        didSet { Self.check(fileBytes: fileBytes) }
    }

    /// How many bytes may wait for the disk before `append` throws `overloaded`. Default 256 MiB. A single record is always taken when
    /// nothing waits.
    public var pendingBytesMax: Int

    /// What an acknowledgement means. Default `sync`.
    public var durability: LogDurability {
        didSet { Self.check(durability) }
    }

    /// How many files that have left the log are kept for reuse, which saves writing zeros. Default 4, from 0.
    public var recycledFilesMax: Int

    /// Where every complete file is kept for going back to a point in time, or nil. A directory of one log only, not the log's own; created in a
    /// parent that exists.
    ///
    /// On the log's own file system a file costs nothing until it leaves the log; elsewhere it is copied. Nothing is ever removed from there.
    public var archiveDirectory: String?

    /// The clock for the time noted in each record. Default the machine's; should it go back, the log repeats the time before.
    public var clock: @Sendable () -> LogTimestamp

    /// The version of the program, noted in new files for whoever looks at them. At most 32 bytes of UTF-8 are kept.
    public var createdWith: String

    public init(
        fileBytes: Int = 16 << 20, pendingBytesMax: Int = 256 << 20, durability: LogDurability = .sync, recycledFilesMax: Int = 4,
        archiveDirectory: String? = nil, clock: @escaping @Sendable () -> LogTimestamp = LogTimestamp.now, createdWith: String = "lyrica-vectord"
    ) {
        Self.check(fileBytes: fileBytes)
        Self.check(durability)
        precondition(recycledFilesMax >= 0, "recycledFilesMax is out of range")
        self.fileBytes = fileBytes
        self.pendingBytesMax = pendingBytesMax
        self.durability = durability
        self.recycledFilesMax = recycledFilesMax
        self.archiveDirectory = archiveDirectory
        self.clock = clock
        self.createdWith = createdWith
    }

    private static func check(fileBytes: Int) {
        precondition(fileBytes >= 4 << 10 && fileBytes <= 1 << 30 && fileBytes % 8 == 0, "fileBytes is out of range")
    }

    private static func check(_ durability: LogDurability) {
        switch durability {
        case .interval(let milliseconds): precondition(milliseconds >= 1, "the interval between syncs is out of range")
        case .sync, .none: break
        }
    }
}
