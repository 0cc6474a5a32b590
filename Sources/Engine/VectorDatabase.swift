import ByteCoding
public import Durability
public import FileIO
import Synchronization
public import VectorModel

/// The database: tenants, databases, collections and their records, as plain values in and out. Knows no HTTP and no JSON.
///
/// Guarantees:
/// 1. A write that returned survives a crash, as far as the log's durability mode promises, and every later read sees it.
/// 2. A read works on one snapshot of one collection; writers never block it, and it never sees half of a batch.
/// 3. What throws `RequestError` has changed nothing.
/// 4. Damage to a collection's files costs that collection and no other: `storageReport` names it.
///
/// Searches, filtered reads and the preparation of large writes run on a fixed pool of threads with a bounded queue; past it requests
/// are refused with `overloaded`.
public final class VectorDatabase: Sendable {
    /// What a database is opened with.
    public struct Configuration: Sendable {
        /// Created if it does not exist. One process at a time, or many that only read.
        public var dataDirectory: String
        /// Nothing is changed, on disk or in memory: many processes may open the directory so at once, while none writes.
        public var isReadOnly = false
        /// Whether `reset` may delete everything.
        public var allowReset = false
        /// Threads for searches and large writes; by default one per core.
        public var searchThreads: Int
        /// Requests that may wait for a thread. A second of work at 1 ms each.
        public var searchQueueLimit = 1_024
        public var limits = Limits.standard
        public var log = LogOptions()
        public var storage = StorageOptions()
        /// Who does the work of the log, the searches and maintenance; stepped for tests.
        package var execution = LogExecution.threads
        /// What the planner takes searches to cost.
        package var searchCosts = SearchCosts.measured
        /// Where new ids come from; a test's are the same on every run.
        package var makeIdentifier: @Sendable () -> CollectionIdentifier = CollectionIdentifier.random

        public init(dataDirectory: String) {
            self.dataDirectory = dataDirectory
            searchThreads = WorkerPool.defaultThreadCount
        }
    }

    public let limits: Limits
    /// What recovery found when the database was opened.
    public let recovery: LogRecoveryReport

    let configuration: Configuration
    /// `nil`: the database is open for reading only.
    let log: (any CommitLog)?
    let workers: WorkerPool
    let catalog: PublishedCatalog
    let files: CollectionFiles
    /// What transactions read.
    let pins = PinnedSnapshots()
    /// `nil`: the database is open for reading only.
    let maintenance: Maintenance?
    /// Opens indexes where there is no maintenance.
    private let indexOpener: IndexOpener?
    private let catalogFault: CheckedFileError?
    /// Held until `close`.
    private let lock: Mutex<(any DirectoryLock)?>

    init(_ configuration: Configuration, _ opened: DatabaseOpening.Opened) {
        self.configuration = configuration
        limits = configuration.limits
        lock = Mutex(opened.lock)
        log = opened.log
        recovery = opened.recovery
        files = opened.files
        catalogFault = opened.catalogFault
        let endings = Endings()
        let catalog = PublishedCatalog(opened.catalog, at: opened.recovery.last) {
            endings.noteReconfiguration(of: $0)
        } onEnd: {
            endings.note($0)
        }
        self.catalog = catalog
        let workers = WorkerPool(
            threads: configuration.searchThreads, queueLimit: configuration.searchQueueLimit, execution: configuration.execution)
        self.workers = workers
        if let log = opened.log, let checkpoints = opened.checkpoints {
            let trimmer = LogTrimmer(log: log, catalog: catalog, files: opened.files, checkpoints: checkpoints, floor: opened.logFloor)
            let maintenance = Maintenance(
                files: opened.files, log: log, trimmer: trimmer, options: configuration.storage, execution: configuration.execution,
                surroundings: Indexer.Surroundings(catalog), collections: { catalog.current.entries.values.map(\.collection) },
                isBusy: { workers.isBusy })
            endings.set(maintenance)
            self.maintenance = maintenance
            indexOpener = nil
            maintenance.start(opened.catalog.entries.values.map(\.collection))
        } else {
            maintenance = nil
            let indexOpener = IndexOpener(health: opened.files.health, execution: configuration.execution)
            self.indexOpener = indexOpener
            indexOpener.find(of: opened.catalog.entries.values.map(\.collection))
        }
    }

    deinit {
        // Collections know the list and the list knows them.
        files.registry.removeAll()
    }

    /// Locks the data directory, reads back what is not in segments yet, and returns a database that is ready.
    ///
    /// Cost: a few reads per collection, and linear in the part of the log that is needed (`StorageOptions.logBytes`), not in the number of
    /// records. Blocks the calling thread meanwhile.
    /// - Parameter progress: told the number of log records read so far, now and then.
    /// - Throws: `OpeningFailure`, which says what to do.
    public static func open(
        _ configuration: Configuration, fileSystem: any FileSystem = POSIXFileSystem(), progress: (Int) -> Void = { _ in }
    ) throws(OpeningFailure) -> VectorDatabase {
        let opening = DatabaseOpening(configuration: configuration, fileSystem: fileSystem)
        return VectorDatabase(configuration, try opening.run(progress))
    }

    /// Lets running work finish, ends the threads, closes the log and gives the directory free. The database cannot be used afterwards.
    ///
    /// Memtables are not written to segments: the log has their contents, and at most `StorageOptions.logBytes` of it is read at the next start.
    public func close() async throws(LogError) {
        workers.stop()
        pins.removeAll()
        maintenance?.stop()
        indexOpener?.stop()
        // Whether or not the log closed well, this process writes nothing more to the directory.
        defer { lock.withLock { $0 = nil } }
        try await log?.close()
        // Now the end of the log is known: should its newest files vanish, the next start notices. Without this checkpoint it would
        // not, but nothing else depends on it.
        try? maintenance?.trimmer.checkpoint(floor: .zero)
    }

    /// Writes everything that is only in memory and in the log to segments. Returns when that is durable.
    /// - Throws: `readOnly`, `storageFailed`.
    public func flush() async throws(RequestError) {
        guard let maintenance else { throw Self.isReadOnly }
        let outcome = await onThread { Result { () throws(MaintenanceError) in try maintenance.flushEverything() } }
        if case .failure(let error) = outcome { throw RequestError(.storageFailed(error.description)) }
    }

    /// What is wrong with the storage now.
    public var storageReport: StorageReport {
        var report = StorageReport()
        for entry in catalog.current.entries.values.sorted(by: { $0.createdAt < $1.createdAt }) {
            guard let damage = entry.collection.currentAccess.damage else { continue }
            report.damagedCollections.append(
                .init(collection: entry.identifier, isReadable: damage.effect == .readOnly, damage: damage.corruption.description))
        }
        report.problems = files.health.problems
        if let catalogFault { report.problems.append("one of the two copies of the catalog was damaged: \(catalogFault)") }
        if let failure = log?.status.archiveFailure { report.problems.append("the log cannot be archived: \(failure)") }
        return report
    }

    /// Runs work that takes long, such as reading or writing a large body, on the worker threads.
    /// - Throws: what `body` throws, `overloaded`, `cancelled` or `shuttingDown`.
    public func runOnWorker<Result: Sendable>(
        _ body: @escaping @Sendable () throws(RequestError) -> Result
    ) async throws(RequestError) -> Result {
        try await workers.run(SearchControl()) { _ throws(RequestError) in try body() }
    }

    /// A request would have used an index.
    func note(_ missing: MissingIndex, of collection: Collection) {
        switch missing {
        case .file:
            maintenance?.noteIndexWanted(collection)
            indexOpener?.open(collection)
        case .memtable(let rows):
            maintenance?.noteLookupWanted(rows)
        }
    }

    /// The collection that readers see under this id.
    func entry(_ identifier: CollectionIdentifier) throws(RequestError) -> Catalog.Entry {
        try catalog.current.entry(identifier)
    }

    /// Runs work that blocks for long and waits for disks, on a thread of its own.
    func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        switch configuration.execution {
        case .stepped: body()
        case .threads:
            await withCheckedContinuation { continuation in
                startThread { continuation.resume(returning: body()) }
            }
        }
    }
}

/// Tells maintenance, which is made after the catalog, which collections the catalog has let go or changed.
/// Weak, since maintenance has the catalog and not the other way round.
private final class Endings: Sendable {
    private struct Owner: Sendable {
        weak var maintenance: Maintenance?
    }

    private let owner = Mutex(Owner())

    func set(_ maintenance: Maintenance) {
        owner.withLock { $0.maintenance = maintenance }
    }

    func note(_ collections: [Collection]) {
        owner.withLock { $0.maintenance }?.noteEnd(collections)
    }

    func noteReconfiguration(of collection: Collection) {
        owner.withLock { $0.maintenance }?.noteIndexWanted(collection)
    }
}
