import ByteCoding
import Durability
public import FileIO
import Segments
import VectorModel

/// Reads every byte of a data directory that no server uses, and checks every invariant. Changes nothing.
///
/// It opens the database as a start does, through the same code, and besides looks at each file by itself, so that all damage is named and not
/// only the first.
public struct DatabaseVerifier {
    private let directory: DataDirectory

    public init(directory: String, fileSystem: any FileSystem = POSIXFileSystem()) {
        self.directory = DataDirectory(path: directory, fileSystem: fileSystem)
    }

    /// Takes the directory's shared lock meanwhile.
    ///
    /// Cost: reads all files once; some microseconds per row; the memory that a start takes. Blocks.
    /// - Parameter progress: called now and then; ends the verification by returning false.
    public func run(progress: @escaping (VerificationProgress) -> Bool = { _ in true }) throws(VerificationFailure) -> VerificationReport {
        let lock: any DirectoryLock
        do throws(DataDirectoryLock.Failure) {
            lock = try directory.fileSystem.lockDirectory(directory.path, .shared)
        } catch {
            throw .lock(error)
        }
        defer { withExtendedLifetime(lock) {} }
        do throws(FileError) {
            return try Self.verify(directory, progress)
        } catch {
            throw .file(error)
        }
    }

    /// As `run`, for a caller that holds the lock.
    static func verify(
        _ directory: DataDirectory, _ progress: @escaping (VerificationProgress) -> Bool
    ) throws(FileError) -> VerificationReport {
        let work = VerificationWork(bytesTotal: try directory.bytes(), progress: progress)
        try DirectoryCheck(directory: directory, work: work).run()
        return work.report
    }
}

/// The steps of an offline verification.
private struct DirectoryCheck {
    let directory: DataDirectory
    let work: VerificationWork

    func run() throws(FileError) {
        let catalog = CatalogCheck(directory)
        catalog.report(to: work)
        guard work.shouldContinue else { return }
        let checkpoint = catalog.newest?.checkpoint
        let files = CollectionFiles(directory: directory.collectionsPath, fileSystem: directory.fileSystem, createdWith: "", isReadOnly: true)
        var recovery = Recovery(
            checkpoint.map { Catalog($0, files) } ?? Catalog(files), checkpointed: checkpoint?.lastChange ?? .zero)
        // Then records may be of collections that only the catalog knew: they say nothing about the log.
        let catalogIsLost = try isLost(catalog)
        if catalogIsLost, catalog.isAbsent { reportMissingCatalog() }
        let isReplayed = !catalogIsLost
        let log = LogCheck(directory: directory)
        let outcome = try readLog(log, after: checkpoint?.logFloor ?? .zero, isReplayed ? recovery : nil)
        if let replayed = outcome.recovery { recovery = replayed }
        log.reportOrphans(work)
        guard work.shouldContinue else { return }
        if let last = outcome.last { checkEnd(at: last, checkpoint, recovery.catalog) }
        checkCollections(of: recovery.catalog, checkpoint)
        guard work.shouldContinue else { return }
        if isReplayed, outcome.last != nil { try reportStrangers(recovery) }
    }

    private func isLost(_ catalog: CatalogCheck) throws(FileError) -> Bool {
        guard catalog.newest == nil else { return false }
        return try RepairLog(directory, nil).catalogIsLost(catalog, directory)
    }

    private func reportMissingCatalog() {
        work.add(VerificationReport.Finding(
            .damage, file: directory.catalogPath, what: "catalog", expected: "a file, since there are collections that only it can have named",
            found: "none", remedy: VerificationReport.Finding.repair))
    }

    private func readLog(
        _ log: LogCheck, after floor: SequenceNumber, _ recovery: Recovery?
    ) throws(FileError) -> (last: SequenceNumber?, recovery: Recovery?) {
        var applied = recovery
        // A directory that was never used has no log.
        guard try directory.fileSystem.status(directory.logPath) != nil || floor > .zero else { return (.zero, applied) }
        let last = log.run(after: floor, work) { (record) throws(Corruption) in
            if applied != nil {
                try applied?.apply(record)
            } else {
                try record.checkPayload()
            }
        }
        return (last, applied)
    }

    /// The log reaches as far as what was built on it.
    private func checkEnd(at last: SequenceNumber, _ checkpoint: CatalogCheckpoint?, _ catalog: Catalog) {
        let flushed = catalog.entries.values.map { $0.collection.storage.flushed().snapshot.sequenceNumber }.max() ?? .zero
        let needed = max(flushed, checkpoint?.logEnd ?? .zero)
        guard last < needed else { return }
        work.add(VerificationReport.Finding(
            .damage, file: directory.logPath, what: "end of the log", expected: "records up to \(needed)", found: "records up to \(last)",
            remedy: "its newest files are missing: put them back, or \(VerificationReport.Finding.repair)"))
    }

    private func checkCollections(of catalog: Catalog, _ checkpoint: CatalogCheckpoint?) {
        let edits = Dictionary((checkpoint?.entries ?? []).map { ($0.identifier, $0.manifestEdit) }, uniquingKeysWith: max)
        for entry in catalog.entries.values.sorted(by: { ($0.createdAt, $0.identifier.description) < ($1.createdAt, $1.identifier.description) }) {
            let check = CollectionCheck(
                identifier: entry.identifier, metric: entry.index.metric, manifestEditMin: edits[entry.identifier] ?? 0, directory: directory)
            guard check.run(work), work.shouldContinue else { continue }
            let collection = entry.collection
            if let damage = collection.currentAccess.damage {
                work.add(damage.corruption, collection: entry.identifier)
            } else {
                SnapshotCheck(
                    snapshot: collection.description, flushed: collection.storage.flushed().snapshot, collection: entry.identifier,
                    file: directory.manifestPath(entry.identifier)
                ).run(work)
            }
        }
    }

    /// What lies beside the collections of the catalog.
    private func reportStrangers(_ recovery: Recovery) throws(FileError) {
        for name in try directory.names(in: directory.collectionsPath) {
            let identifier = CollectionIdentifier(name)
            if let identifier, recovery.catalog.entries[identifier] != nil { continue }
            work.add(VerificationReport.Finding(
                .orphan, file: directory.collectionsPath + "/" + name, what: "directory of a collection", expected: "a catalog that names it",
                found: "none", collection: identifier, remedy: "the next start of a server removes it"))
        }
    }
}

extension LogRecord {
    /// - Throws: `Corruption` for a payload that is no change.
    func checkPayload() throws(Corruption) {
        do throws(DecodingFailure) {
            _ = try LoggedChange(decoding: payload)
        } catch {
            throw corruption(error)
        }
    }
}
