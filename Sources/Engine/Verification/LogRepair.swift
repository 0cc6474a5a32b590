import ByteCoding
import Durability
import FileIO
import VectorModel

/// Writes everything that the log still tells to segments, then the catalog, then begins a new log.
///
/// The old log stays until the catalog says that nobody needs it; then it goes to quarantine. Killed before, everything can be done again: what is in
/// segments already is skipped by its number.
struct LogRepair {
    let session: RepairSession
    /// The catalog to begin with, which has every collection that the log names before it creates it.
    let base: CatalogCheckpoint
    /// What the generation of the new catalog must exceed.
    let generation: UInt64
    /// The highest number that anything on disk tells of.
    let lastKnown: SequenceNumber

    private var directory: DataDirectory { session.directory }

    func run() throws(RepairFailure) {
        try session.perform(
            "what can be read of the log is written to segments, and a new log is begun", on: directory.logPath
        ) { () throws(RepairFailure) in
            let files = CollectionFiles(
                directory: directory.collectionsPath, fileSystem: session.fileSystem, createdWith: session.options.createdWith)
            var recovery = Recovery(Catalog(base, files), checkpointed: base.lastChange)
            try checkReadable(recovery.catalog)
            let last = max(try replay(into: &recovery), lastKnown)
            try flush(files)
            try keepLog()
            try write(recovery.catalog, last)
            try session.attempt { () throws(FileError) in try retireLog() }
        }
    }

    private func checkReadable(_ catalog: Catalog) throws(RepairFailure) {
        for entry in catalog.entries.values {
            if let damage = entry.collection.currentAccess.damage { throw .unfinished("collection \(entry.identifier): \(damage.corruption)") }
        }
    }

    /// - Returns: the last number that the log tells of.
    private func replay(into recovery: inout Recovery) throws(RepairFailure) -> SequenceNumber {
        var applied = recovery
        let report = try session.attempt { () throws(FileError) -> LogSalvage.Report? in
            guard try session.fileSystem.status(directory.logPath) != nil else { return nil }
            let before = RepairLog.numberBeforeFirst(try directory.names(in: directory.logPath))
            return try LogSalvage.read([directory.logPath], fileSystem: session.fileSystem, after: max(base.logFloor, before)) { record in
                do throws(Corruption) {
                    try applied.apply(record)
                    session.report.logRecords += 1
                } catch {
                    session.report.refusedChanges.append(record.sequence)
                }
            }
        }
        recovery = applied
        session.report.logGaps = report?.gaps ?? []
        return max(report?.last ?? .zero, report?.gaps.last?.missing.upperBound ?? .zero)
    }

    private func flush(_ files: CollectionFiles) throws(RepairFailure) {
        try session.attempt { () throws(FileError) in
            try session.fileSystem.createDirectory(directory.collectionsPath)
            try session.fileSystem.syncDirectory(directory.path)
        }
        // Everything replayed is settled: there is nothing to wait for.
        let context = Collection.MaintenanceContext(settle: { _, _ in }, pace: {})
        for collection in files.registry.all {
            if let damage = collection.currentAccess.damage { throw .unfinished("collection \(collection.identifier): \(damage.corruption)") }
            _ = try session.attempt { () throws(FileError) in try session.quarantine.keep(directory.manifestPath(collection.identifier)) }
            do throws(MaintenanceError) {
                _ = try collection.flush(context)
            } catch {
                throw .unfinished("collection \(collection.identifier) cannot be written: \(error)")
            }
        }
    }

    private func write(_ catalog: Catalog, _ last: SequenceNumber) throws(RepairFailure) {
        try CatalogRepair(session: session, generation: generation).write(catalog.checkpoint(floor: last, logEnd: last, lastChange: last))
    }

    /// Once the catalog is written a start may remove the old log's files.
    private func keepLog() throws(RepairFailure) {
        try session.attempt { () throws(FileError) in
            for name in try directory.names(in: directory.logPath) { try session.quarantine.keep(directory.logPath + "/" + name) }
        }
    }

    /// Takes the old log's files out. The next start begins a new one after the catalog's floor.
    private func retireLog() throws(FileError) {
        for name in try directory.names(in: directory.logPath) { try session.quarantine.take(directory.logPath + "/" + name) }
        try session.fileSystem.createDirectory(directory.logPath)
        try session.fileSystem.syncDirectory(directory.path)
    }
}

/// Writes both files of the catalog anew.
struct CatalogRepair {
    let session: RepairSession
    /// What the new generation must exceed.
    let generation: UInt64

    func write(_ checkpoint: CatalogCheckpoint) throws(RepairFailure) {
        let directory = session.directory
        try session.attempt { () throws(FileError) in
            try session.quarantine.keep(directory.catalogPath)
            try session.quarantine.keep(directory.catalogCopyPath)
        }
        do throws(CheckedFileError) {
            try CheckedFile.writeCopies(
                checkpoint.encoded().finish(), .catalog.written(asVersion: checkpoint.version), generation: generation.successor,
                createdWith: session.options.createdWith, to: directory.catalogPath, copy: directory.catalogCopyPath, session.fileSystem)
        } catch {
            throw .unfinished("the catalog cannot be written: \(error)")
        }
    }
}
