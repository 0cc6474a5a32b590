import ByteCoding
public import Durability
public import FileIO
import Segments
package import VectorModel

/// Puts a damaged data directory in order, so that a server starts on it with everything that could be saved.
///
/// Invariants:
/// 1. Whatever is replaced or taken out is in the directory's `quarantine` first. Nothing is ever deleted from there.
/// 2. Rows and changes come out as they were written or not at all; those that are lost are listed.
/// 3. Killed at any point, it can be run again, and nothing is lost by that. On a sound directory it changes nothing.
///
/// In order: manifests and segments, collection by collection; catalog and log; what nothing refers to. Then everything is verified again.
public struct DatabaseRepair {
    /// How a repair works.
    public struct Options: Sendable {
        /// Say what would be done, and change nothing.
        public var isDryRun = false
        /// Name the ids of lost rows in the report: they are the users'.
        public var namesIdentifiers = false
        /// The version of the program, noted in new files for whoever looks at them.
        public var createdWith = "lyrica-vectord"
        /// Names the quarantine.
        public var clock: @Sendable () -> LogTimestamp = LogTimestamp.now
        /// Where ids of databases come from that only their names are left of.
        package var makeIdentifier: @Sendable () -> CollectionIdentifier = CollectionIdentifier.random

        public init() {}
    }

    private let directory: DataDirectory
    private let options: Options

    public init(directory: String, options: Options = Options(), fileSystem: any FileSystem = POSIXFileSystem()) {
        self.directory = DataDirectory(path: directory, fileSystem: fileSystem)
        self.options = options
    }

    /// Takes the directory's lock meanwhile, the exclusive one unless this is a dry run.
    ///
    /// Cost: a verification before and after; damaged collections are read once or twice more. Needs space for what is saved of damaged segments.
    /// Blocks.
    /// - Parameter progress: of the verifications, called now and then; ends the repair by returning false before anything was changed.
    public func run(progress: @escaping (VerificationProgress) -> Bool = { _ in true }) throws(RepairFailure) -> RepairReport {
        let lock: any DirectoryLock
        do throws(DataDirectoryLock.Failure) {
            lock = try directory.fileSystem.lockDirectory(directory.path, options.isDryRun ? .shared : .exclusive)
        } catch {
            throw .lock(error)
        }
        defer { withExtendedLifetime(lock) {} }
        let session = RepairSession(directory, options)
        session.report.before = try session.attempt { () throws(FileError) in try DatabaseVerifier.verify(directory, progress) }
        guard !session.report.before.wasCancelled, !session.report.before.findings.isEmpty else { return session.report }
        try DirectoryRepair(session: session).run()
        session.report.quarantine = session.quarantine.path
        if !options.isDryRun {
            session.report.after = try session.attempt { () throws(FileError) in
                try DatabaseVerifier.verify(directory) { done in
                    // What was done is done: the caller's wish to end only shortens the last look.
                    progress(done)
                }
            }
        }
        return session.report
    }
}

/// The steps of a repair.
private struct DirectoryRepair {
    let session: RepairSession

    private var directory: DataDirectory { session.directory }

    func run() throws(RepairFailure) {
        let catalog = CatalogCheck(directory)
        if let newer = catalog.newerFormat { throw .newerFormat(newer.description) }
        let checkpoint = catalog.newest?.checkpoint
        let log = try session.attempt { () throws(FileError) in try RepairLog(directory, checkpoint) }
        for problem in log.salvage?.problems ?? [] {
            if case .unsupportedVersion = problem { throw .newerFormat(problem.description) }
        }
        let isLost = try session.attempt { () throws(FileError) in try log.catalogIsLost(catalog, directory) }
        try repairCollections(checkpoint, log, catalogIsLost: isLost)
        let generation = catalog.copies.compactMap(\.generation).max() ?? 0
        let isSound = try logIsSound(checkpoint)
        if isLost || !isSound {
            let base = try base(checkpoint, log)
            try LogRepair(session: session, base: base, generation: generation, lastKnown: try lastKnown(checkpoint)).run()
        } else if let checkpoint, !catalog.broken.isEmpty {
            try session.perform("both copies of the catalog are written anew", on: directory.catalogPath) { () throws(RepairFailure) in
                try CatalogRepair(session: session, generation: generation).write(checkpoint)
            }
        }
        try takeOutStrangers(log, catalogIsLost: isLost)
    }

    // MARK: Collections

    private func repairCollections(_ checkpoint: CatalogCheckpoint?, _ log: RepairLog, catalogIsLost: Bool) throws(RepairFailure) {
        var edits: [CollectionIdentifier: (edit: UInt64, metric: Metric)] = [:]
        for entry in checkpoint?.entries ?? [] { edits[entry.identifier] = (entry.manifestEdit, entry.index.metric) }
        let suspects = Set(session.report.before.findings.compactMap(\.collection))
        let present = try session.attempt { () throws(FileError) in try directory.collections() }
        let identifiers = Set(present).union(edits.keys)
        for identifier in identifiers.sorted(by: { $0.description < $1.description }) {
            // What the log ends has no use for repair; what no catalog names is kept only when the catalog is lost.
            guard log.outline.alive.contains(identifier) || catalogIsLost && !log.outline.knows(identifier) else { continue }
            guard suspects.contains(identifier) || edits[identifier] == nil else { continue }
            try CollectionRepair(
                identifier: identifier, metric: edits[identifier]?.metric, manifestEditMin: edits[identifier]?.edit ?? 0,
                logFloor: checkpoint?.logFloor ?? .zero, deletes: log.deletes[identifier] ?? [],
                isFork: log.outline.forks.contains(identifier), session: session
            ).run()
        }
    }

    // MARK: Catalog and log

    /// Whether a start could read the log, after all that was repaired so far.
    private func logIsSound(_ checkpoint: CatalogCheckpoint?) throws(RepairFailure) -> Bool {
        let files = CollectionFiles(directory: directory.collectionsPath, fileSystem: session.fileSystem, createdWith: "", isReadOnly: true)
        var recovery = Recovery(checkpoint.map { Catalog($0, files) } ?? Catalog(files), checkpointed: checkpoint?.lastChange ?? .zero)
        do throws(LogOpenError) {
            let report = try LogReplay.read(
                [directory.logPath], fileSystem: session.fileSystem, after: checkpoint?.logFloor ?? .zero
            ) { (record) throws(Corruption) in try recovery.apply(record) }
            let flushed = recovery.catalog.entries.values.map { $0.collection.storage.flushed().snapshot.sequenceNumber }.max() ?? .zero
            return report.last >= max(flushed, checkpoint?.logEnd ?? .zero)
        } catch {
            if case .unsupportedVersion = error { throw .newerFormat(error.description) }
            return false
        }
    }

    /// The catalog that the log's changes are applied to: the last one that is left, and what must have been in it or before it.
    private func base(_ checkpoint: CatalogCheckpoint?, _ log: RepairLog) throws(RepairFailure) -> CatalogCheckpoint {
        var base = checkpoint ?? .empty()
        for tenant in log.outline.impliedTenants { base.add(tenant: tenant) }
        for (tenant, database) in log.outline.impliedDatabases {
            base.add(database: database, tenant: tenant, identifier: session.options.makeIdentifier())
        }
        var recovered = log.outline.impliedCollections.map(\.identifier)
        if checkpoint == nil {
            let present = try session.attempt { () throws(FileError) in try directory.collections() }
            recovered += present.filter { !log.outline.knows($0) }
        }
        for identifier in recovered {
            // In a dry run the manifest may not be readable yet.
            let manifest = try? CollectionManifest.read(directory.manifestPath(identifier), session.fileSystem)
            base.add(recovered: identifier, metric: manifest?.metric ?? .l2, manifestEdit: manifest?.edit ?? 0)
            session.report.warnings.append(
                "collection \(identifier): its name, metadata and settings are lost; it is called recovered-\(identifier)"
                    + (manifest == nil ? ", with the metric l2" : ""))
        }
        return base
    }

    private func lastKnown(_ checkpoint: CatalogCheckpoint?) throws(RepairFailure) -> SequenceNumber {
        var last = max(checkpoint?.logEnd ?? .zero, checkpoint?.logFloor ?? .zero, checkpoint?.lastChange ?? .zero)
        for identifier in try session.attempt({ () throws(FileError) in try directory.collections() }) {
            guard let manifest = try? CollectionManifest.read(directory.manifestPath(identifier), session.fileSystem) else { continue }
            last = max(last, manifest.flushedThrough)
        }
        return last
    }

    // MARK: Strangers

    /// Takes out what lies beside the collections of the catalog.
    private func takeOutStrangers(_ log: RepairLog, catalogIsLost: Bool) throws(RepairFailure) {
        for name in try session.attempt({ () throws(FileError) in try directory.names(in: directory.collectionsPath) }) {
            if let identifier = CollectionIdentifier(name) {
                if log.outline.alive.contains(identifier) || catalogIsLost && !log.outline.knows(identifier) { continue }
            }
            let path = directory.collectionsPath + "/" + name
            try session.perform("no catalog names it: it is taken out", on: path) { () throws(RepairFailure) in
                try session.attempt { () throws(FileError) in try session.quarantine.take(path) }
            }
        }
    }
}
