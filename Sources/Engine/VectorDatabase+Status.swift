import Durability
public import VectorModel

/// What a database is doing, in numbers, and what is wrong with it: for status pages. Never holds user data, nor where the data directory is.
public struct DatabaseStatus: Hashable, Sendable {
    /// The write-ahead log.
    public struct Log: Hashable, Sendable {
        /// Files that hold records.
        public var files: Int
        /// Files that wait to be used again.
        public var recycledFiles: Int
        /// What all of them occupy on the disk.
        public var bytes: Int
        /// The last change that is as durable as the durability mode promises.
        public var lastDurable: SequenceNumber
        /// The last change that a sync has covered.
        public var lastSynced: SequenceNumber
        /// Why complete files are not in the archive; `nil` if they are, or if there is none.
        public var archiveFailure: String?

        public init(
            files: Int, recycledFiles: Int, bytes: Int, lastDurable: SequenceNumber, lastSynced: SequenceNumber, archiveFailure: String? = nil
        ) {
            self.files = files
            self.recycledFiles = recycledFiles
            self.bytes = bytes
            self.lastDurable = lastDurable
            self.lastSynced = lastSynced
            self.archiveFailure = archiveFailure
        }
    }

    public var isReadOnly: Bool
    /// Of all tenants and databases.
    public var collections: Int
    /// What is in memory and not in segments yet.
    public var memtableBytes: Int
    /// `nil`: the database is open for reading only and keeps no log.
    public var log: Log?
    /// Its texts name files relative to the data directory.
    public var storage: StorageReport

    public init(isReadOnly: Bool, collections: Int, memtableBytes: Int, log: Log?, storage: StorageReport) {
        self.isReadOnly = isReadOnly
        self.collections = collections
        self.memtableBytes = memtableBytes
        self.log = log
        self.storage = storage
    }
}

extension VectorDatabase {
    /// What the database is doing now. Cost: linear in the number of collections; waits for nobody's work.
    public var status: DatabaseStatus {
        DatabaseStatus(
            isReadOnly: configuration.isReadOnly,
            collections: catalog.current.entries.count,
            memtableBytes: files.registry.all.reduce(0) { $0 + $1.writeAhead.memtableBytes },
            log: log.map { DatabaseStatus.Log($0.status) },
            storage: storageReport.relative(to: configuration.dataDirectory.trimmingSlashes))
    }
}

extension DatabaseStatus.Log {
    fileprivate init(_ status: LogStatus) {
        self.init(
            files: status.files.count, recycledFiles: status.recycledFiles, bytes: status.bytes, lastDurable: status.lastDurable,
            lastSynced: status.lastSynced, archiveFailure: status.archiveFailure?.description)
    }
}

extension StorageReport {
    /// The same without the path of the directory.
    fileprivate func relative(to directory: String) -> StorageReport {
        func relative(_ text: String) -> String { text.replacing(directory + "/", with: "") }
        var report = self
        report.damagedCollections = damagedCollections.map {
            DamagedCollection(collection: $0.collection, isReadable: $0.isReadable, damage: relative($0.damage))
        }
        report.problems = problems.map(relative)
        return report
    }
}
