import ByteCoding
import Durability
import FileIO
import Segments
import Synchronization
public import VectorModel

extension VectorDatabase {
    /// Reads everything that this running database keeps on disk, and checks every invariant, while reads and writes go on.
    ///
    /// Works on snapshots, in a thread of low priority that steps aside for searches. Damage that it finds is noted as if a request had met it: the
    /// collection is not changed any more, and `storageReport` names it.
    ///
    /// Cost: reads all files once; some microseconds per row. Ends early when the task is cancelled.
    /// - Parameter progress: called now and then, on that thread; ends the verification by returning false.
    /// - Throws: `storageFailed` when the data directory cannot be listed.
    public func verify(
        progress: @escaping @Sendable (VerificationProgress) -> Bool = { _ in true }
    ) async throws(RequestError) -> VerificationReport {
        let check = RunningCheck(database: self, directory: DataDirectory(path: configuration.dataDirectory, fileSystem: files.fileSystem))
        let isCancelled = Cancellation()
        let outcome = await withTaskCancellationHandler {
            await onThread { check.run { !isCancelled.isSet && progress($0) } }
        } onCancel: {
            isCancelled.set()
        }
        switch outcome {
        case .success(let report): return report
        case .failure(let error): throw RequestError(.storageFailed(error.description))
        }
    }
}

/// That the task which asked for something long was cancelled.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// The steps of a verification beside a working server.
private struct RunningCheck: Sendable {
    let database: VectorDatabase
    let directory: DataDirectory

    /// How often the log is read again because it was trimmed or written to under the reader's eyes.
    private static let logAttempts = 8

    func run(_ progress: @escaping (VerificationProgress) -> Bool) -> Result<VerificationReport, FileError> {
        let pacer = Pacer(bytesPerSecond: 0, isBusy: { [workers = database.workers] in workers.isBusy })
        switch database.configuration.execution {
        case .threads: lowerThreadPriority()
        case .stepped: break
        }
        do throws(FileError) {
            let work = VerificationWork(bytesTotal: try directory.bytes()) { done in
                // Nobody stops this pacer: its step only waits.
                (try? pacer.step()) != nil && progress(done)
            }
            CatalogCheck(directory).report(to: work)
            checkLog(work)
            checkCollections(work)
            return .success(work.report)
        } catch {
            return .failure(error)
        }
    }

    /// Reads the log up to what is durable now.
    ///
    /// Files may leave, and be used again, while they are read; and what is being written behind the end may look like damage. Both are over
    /// when it is read again, with the floor and the end that it has then.
    private func checkLog(_ work: VerificationWork) {
        guard let log = database.log else {
            _ = LogCheck(directory: directory).run(after: floor, work) { (record) throws(Corruption) in try record.checkPayload() }
            return
        }
        let last = log.lastSynced
        var attempt = 0
        while work.shouldContinue {
            attempt += 1
            var records = 0
            do throws(LogOpenError) {
                _ = try LogReplay.read(
                    [directory.logPath], fileSystem: directory.fileSystem, after: min(floor, last), through: .sequence(last)
                ) { (record) throws(Corruption) in
                    records += 1
                    try record.checkPayload()
                }
                for _ in 0..<records { work.countLogRecord() }
                for file in log.status.files {
                    work.countFile(bytes: file.fileBytes)
                    work.advance(file.fileBytes)
                }
                return
            } catch {
                guard attempt >= Self.logAttempts else { continue }
                work.add(VerificationReport.Finding(error, directory.logPath))
                return
            }
        }
    }

    /// Up to which number the log may be gone, by the catalog on disk.
    private var floor: SequenceNumber { CatalogCheck(directory).newest?.checkpoint.logFloor ?? .zero }

    private func checkCollections(_ work: VerificationWork) {
        let entries = database.catalog.current.entries.values.sorted { $0.createdAt < $1.createdAt }
        for entry in entries {
            guard work.shouldContinue else { return }
            work.countCollection()
            let edit = entry.collection.storage.flushed().edit
            checkManifest(of: entry, atLeast: edit, work)
            if let damage = entry.collection.currentAccess.damage { work.add(damage.corruption, collection: entry.identifier) }
            let snapshot = entry.collection.description
            var isWhole = true
            for segment in snapshot.parts.compactMap(\.rows.segment) {
                if SegmentScan(work).run(segment, entry.identifier) {
                    IndexScan(work).run(segment, entry.identifier)
                } else {
                    isWhole = false
                }
            }
            guard isWhole, work.shouldContinue else { continue }
            SnapshotCheck(
                snapshot: snapshot, collection: entry.identifier, file: directory.manifestPath(entry.identifier)
            ).run(work)
        }
    }

    private func checkManifest(of entry: Catalog.Entry, atLeast edit: UInt64, _ work: VerificationWork) {
        let path = directory.manifestPath(entry.identifier)
        guard edit > 0, entry.collection.currentAccess.damage == nil else { return }
        let problem: Corruption
        do throws(CheckedFileError) {
            let manifest = try CollectionManifest.read(path, directory.fileSystem)
            let found = manifest.map { "manifest \($0.edit) of collection \($0.collection)" } ?? "no file"
            if let manifest, manifest.collection == entry.identifier, manifest.edit >= edit {
                let bytes = (try? directory.fileSystem.status(path))?.bytes ?? 0
                work.countFile(bytes: bytes)
                work.advance(bytes)
                return
            }
            problem = Corruption(
                file: path, offset: 0, what: "manifest", expected: "manifest \(edit) or a later one of this collection", found: found)
        } catch {
            problem = error.asCorruption(of: path)
        }
        // It may have been dropped meanwhile; then its files go.
        guard database.catalog.current.entries[entry.identifier] != nil, !entry.collection.currentAccess.isEnded else { return }
        work.add(problem, collection: entry.identifier)
    }
}
