import ByteCoding
import Durability
import FileIO
import VectorModel

/// Brings a data directory to life: lock, catalog, manifests, log; then what a crash left behind is swept away.
struct DatabaseOpening {
    /// What was opened.
    struct Opened {
        let lock: any DirectoryLock
        let catalog: Catalog
        let catalogFault: CheckedFileError?
        let files: CollectionFiles
        /// `nil`: for reading only.
        let log: (any CommitLog)?
        /// `nil`: for reading only.
        let checkpoints: CheckpointFile?
        let logFloor: SequenceNumber
        let recovery: LogRecoveryReport
    }

    let configuration: VectorDatabase.Configuration
    let fileSystem: any FileSystem

    private var directory: String { configuration.dataDirectory }
    private var collectionsDirectory: String { directory + "/collections" }
    private var logDirectory: String { directory + "/log" }

    func run(_ progress: (Int) -> Void) throws(OpeningFailure) -> Opened {
        let lock = try lockDirectory()
        let found: CheckpointFile.Found
        do throws(CheckedFileError) {
            found = try CheckpointFile.open(directory, fileSystem, createdWith: configuration.log.createdWith)
        } catch {
            throw .catalog(error)
        }
        let files = CollectionFiles(
            directory: collectionsDirectory, fileSystem: fileSystem, createdWith: configuration.log.createdWith,
            isReadOnly: configuration.isReadOnly, lookupRowsMin: configuration.storage.lookupRowsMin, clock: configuration.log.clock)
        let floor = found.checkpoint?.logFloor ?? .zero
        var recovery = Recovery(
            found.checkpoint.map { Catalog($0, files) } ?? Catalog(files), checkpointed: found.checkpoint?.lastChange ?? .zero)
        let (log, report) = try readLog(after: floor, into: &recovery, progress)
        try checkLogEnd(report.last, found.checkpoint, recovery.catalog)
        if !configuration.isReadOnly {
            try sweep(recovery, hasCheckpoint: found.checkpoint != nil)
            mendCatalog(found, files)
        }
        return Opened(
            lock: lock, catalog: recovery.catalog, catalogFault: found.fault.flatMap { $0.isMissing ? nil : $0 }, files: files, log: log,
            checkpoints: configuration.isReadOnly ? nil : found.file, logFloor: floor, recovery: report)
    }

    private func lockDirectory() throws(OpeningFailure) -> any DirectoryLock {
        if !configuration.isReadOnly {
            do throws(FileError) {
                try fileSystem.createDirectories(directory)
                // Who made it may have died before its name was certain.
                let isNew = try fileSystem.status(directory + "/" + CheckpointFile.fileName) == nil
                if isNew { try fileSystem.syncDirectory(parentDirectory(of: directory)) }
            } catch {
                throw .directory(error)
            }
        }
        do throws(DataDirectoryLock.Failure) {
            return try fileSystem.lockDirectory(directory, configuration.isReadOnly ? .shared : .exclusive)
        } catch {
            throw .lock(error)
        }
    }

    // MARK: The log

    private func readLog(
        after floor: SequenceNumber, into recovery: inout Recovery, _ progress: (Int) -> Void
    ) throws(OpeningFailure) -> ((any CommitLog)?, LogRecoveryReport) {
        var applied = recovery
        defer { recovery = applied }
        func apply(_ record: LogRecord) throws(Corruption) {
            try applied.apply(record)
            if applied.recordCount.isMultiple(of: 10_000) { progress(applied.recordCount) }
        }
        do throws(LogOpenError) {
            if configuration.isReadOnly {
                return (nil, try LogReplay.read([logDirectory], fileSystem: fileSystem, after: floor, replay: apply))
            }
            let log = try WriteAheadLog.open(
                directory: logDirectory, fileSystem: fileSystem, options: configuration.log, after: floor,
                execution: configuration.execution, replay: apply)
            return (log, log.recovery)
        } catch {
            throw .log(error)
        }
    }

    /// The log must reach at least as far as what was built on it: its newest files may be gone whole, which it cannot see itself.
    private func checkLogEnd(
        _ last: SequenceNumber, _ checkpoint: CatalogCheckpoint?, _ catalog: Catalog
    ) throws(OpeningFailure) {
        let flushed = catalog.entries.values.map { $0.collection.storage.flushed().snapshot.sequenceNumber }.max() ?? .zero
        let needed = max(flushed, checkpoint?.logEnd ?? .zero)
        guard last < needed else { return }
        throw .log(.corruption(Corruption(
            file: logDirectory, offset: 0, what: "end of the log", expected: "records up to \(needed)", found: "records up to \(last)")))
    }

    /// Makes two sound copies of the catalog again: a crash in the first checkpoint leaves one, and damage may.
    private func mendCatalog(_ found: CheckpointFile.Found, _ files: CollectionFiles) {
        guard found.fault != nil, let checkpoint = found.checkpoint else { return }
        do throws(CheckedFileError) {
            try found.file.write(checkpoint)
        } catch {
            files.health.note(.catalogCopy, "the catalog has only one sound copy: \(error)")
        }
    }

    // MARK: Sweeping

    /// Removes files that nothing refers to: half-written segments, directories of dropped collections.
    ///
    /// What belongs to damaged collections stays, for repair.
    private func sweep(_ recovery: Recovery, hasCheckpoint: Bool) throws(OpeningFailure) {
        do throws(FileError) {
            try CheckpointFile.sweep(directory, fileSystem)
            try fileSystem.createDirectory(collectionsDirectory)
            try fileSystem.syncDirectory(directory)
            for name in try fileSystem.list(collectionsDirectory) {
                let identifier = CollectionIdentifier(name)
                if let identifier, let entry = recovery.catalog.entries[identifier] {
                    if entry.collection.currentAccess.damage == nil { try entry.collection.storage.sweep() }
                    continue
                }
                let path = collectionsDirectory + "/" + name
                // Only a catalog can tell that a collection is gone. Without one, unknown data is not ours to remove.
                let isKnownToBeGone = hasCheckpoint || identifier.map { recovery.ended.contains($0) } ?? false
                let hasManifest = try fileSystem.status(path + "/" + CollectionManifest.fileName) != nil
                if hasManifest && !isKnownToBeGone {
                    throw FileError.missing(.open, path: directory + "/" + CheckpointFile.fileName)
                }
                try fileSystem.removeTree(path)
            }
        } catch {
            throw .sweep(error)
        }
    }
}

extension FileSystem {
    /// Removes a directory and the files in it, or a file.
    func removeTree(_ path: String) throws(FileError) {
        guard try status(path)?.isDirectory == true else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        try removeDirectory(path)
    }
}
