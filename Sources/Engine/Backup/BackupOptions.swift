public import Durability
public import VectorModel

/// Where a backup goes.
public enum BackupDestination: Hashable, Sendable {
    /// A directory that does not exist or is empty. What is in it then is a data directory too, which can be opened for reading.
    case directory(String)
    /// A single file, which does not exist: a `tar` archive of such a directory.
    case archive(String)
}

/// How a backup is made.
public struct BackupOptions: Sendable {
    /// The directory of an earlier backup: segments that are there already are shared with it and take no space. Either can be removed without
    /// harm to the other.
    public var base: String?
    /// Segments may be shared with the data directory where both are on one file system, which takes no time and no space. Without this they are
    /// copied, and damage to the one leaves the other whole.
    public var mayShareFiles = true
    /// How fast segments are copied, in bytes per second; searches come first in any case. Default 0: as fast as can be.
    public var bytesPerSecond = 0

    public init() {}
}

/// How a backup is restored.
public struct RestoreOptions: Sendable {
    /// Up to which change, or which moment.
    public var through = LogBound.end
    /// Directories with archived log files of the database, for going past the end of the backup. The log of the lost data directory itself is
    /// another one, if it can be read.
    public var logDirectories: [String] = []
    /// Segments may be shared with the backup where both are on one file system, and it is a directory.
    public var mayShareFiles = false
    /// Restore what is whole of a damaged backup: collections whose files are damaged or missing are refused or read-only then.
    public var acceptsDamage = false
    /// Noted in new files.
    public var createdWith = LogOptions().createdWith

    public init() {}
}

/// How far a backup, a check or a restoration is.
public struct BackupProgress: Hashable, Sendable {
    public enum Phase: String, Hashable, Sendable {
        /// The log is read or copied.
        case log
        /// Files are copied.
        case copying
        /// Files are checked.
        case checking
    }

    public let phase: Phase
    public let bytesDone: Int
    /// Of this phase; 0 where it is not known.
    public let bytesTotal: Int
}

/// What a backup holds.
public struct BackupReport: Hashable, Sendable {
    /// Every change up to this one is in the backup, and no later one.
    public internal(set) var sequence = SequenceNumber.zero
    public internal(set) var time = LogTimestamp.zero
    public internal(set) var collections = 0
    public internal(set) var files = 0
    /// The lengths of all files.
    public internal(set) var bytes = 0
    /// Of `bytes`, what takes new space on disk.
    public internal(set) var newBytes = 0
    /// Of `bytes`, what is shared with the earlier backup.
    public internal(set) var bytesSharedWithBase = 0
    /// Collections that were damaged before, or could not be read; of these the backup has what there is.
    public internal(set) var damagedCollections: [DamagedCollection] = []

    public struct DamagedCollection: Hashable, Sendable {
        public let collection: CollectionIdentifier
        public let problem: String
    }
}

/// What is known of a backup.
public struct BackupCheck: Hashable, Sendable {
    public internal(set) var report = BackupReport()
    /// The change up to which the earlier backup goes that this one shares files with; `nil` without one.
    public internal(set) var base: SequenceNumber?
    /// What is wrong with it, other than what was so when it was made.
    public internal(set) var findings: [BackupFinding] = []
    /// What was wrong in the database already when it was made, and is so in the backup.
    public internal(set) var knownDamage: [BackupFinding] = []
}

/// What was restored.
public struct RestoreReport: Hashable, Sendable {
    /// The last change that the restored database has.
    public internal(set) var sequence = SequenceNumber.zero
    /// When that was made; zero if the log does not say.
    public internal(set) var time = LogTimestamp.zero
    public internal(set) var collections = 0
    /// The lengths of the files of all collections; the log comes to it.
    public internal(set) var bytes = 0
    /// Damage of the backup that was accepted, and collections that are not whole therefore.
    public internal(set) var findings: [BackupFinding] = []
}
