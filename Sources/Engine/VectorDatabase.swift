import ByteCoding
public import Durability
public import FileIO
import Synchronization
public import VectorModel

/// The database: tenants, databases, collections and their records, as plain values in and out. Knows no HTTP and no JSON.
///
/// Guarantees:
/// 1. A write that returned survives a crash, and every later read sees it.
/// 2. A read works on one snapshot of one collection; writers never block it, and it never sees half of a batch.
/// 3. What throws `RequestError` has changed nothing.
///
/// Searches, filtered reads and the preparation of large writes run on a fixed pool of threads with a bounded queue; past it requests
/// are refused with `overloaded`.
public final class VectorDatabase: Sendable {
    /// What a database is opened with.
    public struct Configuration: Sendable {
        /// Created if it does not exist. One process at a time.
        public var dataDirectory: String
        /// Whether `reset` may delete everything.
        public var allowReset = false
        /// Threads for searches and large writes; by default one per core.
        public var searchThreads: Int
        /// Requests that may wait for a thread. A second of work at 1 ms each.
        public var searchQueueLimit = 1_024
        public var limits = Limits.standard
        public var log = LogOptions()

        public init(dataDirectory: String) {
            self.dataDirectory = dataDirectory
            searchThreads = WorkerPool.defaultThreadCount
        }
    }

    public let limits: Limits
    /// What recovery found when the database was opened.
    public let recovery: LogRecoveryReport

    let configuration: Configuration
    let log: any CommitLog
    let workers: WorkerPool
    let catalog: PublishedCatalog
    /// Held until `close`.
    private let lock: Mutex<DataDirectoryLock?>

    private init(
        _ configuration: Configuration, _ lock: DataDirectoryLock, _ log: WriteAheadLog, _ catalog: Catalog
    ) {
        self.configuration = configuration
        self.limits = configuration.limits
        self.lock = Mutex(lock)
        self.log = log
        recovery = log.recovery
        self.catalog = PublishedCatalog(catalog, at: log.recovery.last)
        workers = WorkerPool(threads: configuration.searchThreads, queueLimit: configuration.searchQueueLimit)
    }

    /// Locks the data directory, reads the log back and returns a database that is ready.
    ///
    /// Cost: linear in the size of the log. Blocks the calling thread meanwhile.
    /// - Parameter progress: told the number of log records read so far, now and then.
    /// - Throws: `OpeningFailure`, which says what to do.
    public static func open(
        _ configuration: Configuration, fileSystem: any FileSystem = POSIXFileSystem(), progress: (Int) -> Void = { _ in }
    ) throws(OpeningFailure) -> VectorDatabase {
        let lock: DataDirectoryLock
        do throws(FileError) {
            try fileSystem.createDirectories(configuration.dataDirectory)
        } catch {
            throw .directory(error)
        }
        do throws(DataDirectoryLock.Failure) {
            lock = try DataDirectoryLock(directory: configuration.dataDirectory)
        } catch {
            throw .lock(error)
        }
        var recovery = Recovery()
        do throws(LogOpenError) {
            let log = try WriteAheadLog.open(
                directory: configuration.dataDirectory + "/log", fileSystem: fileSystem, options: configuration.log
            ) { record throws(Corruption) in
                try recovery.apply(record)
                if recovery.recordCount.isMultiple(of: 10_000) { progress(recovery.recordCount) }
            }
            return VectorDatabase(configuration, lock, log, recovery.catalog)
        } catch {
            throw .log(error)
        }
    }

    /// Lets running work finish, ends the threads, closes the log and gives the directory free. The database cannot be used afterwards.
    public func close() async throws(LogError) {
        workers.stop()
        // Whether or not the log closed well, this process writes nothing more to the directory.
        defer { lock.withLock { $0 = nil } }
        try await log.close()
    }

    /// Runs work that takes long, such as reading or writing a large body, on the worker threads.
    /// - Throws: what `body` throws, `overloaded`, `cancelled` or `shuttingDown`.
    public func runOnWorker<Result: Sendable>(
        _ body: @escaping @Sendable () throws(RequestError) -> Result
    ) async throws(RequestError) -> Result {
        try await workers.run(SearchControl()) { _ throws(RequestError) in try body() }
    }

    /// The collection that readers see under this id.
    func entry(_ identifier: CollectionIdentifier) throws(RequestError) -> Catalog.Entry {
        try catalog.current.entry(identifier)
    }
}
