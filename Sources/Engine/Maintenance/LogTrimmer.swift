import ByteCoding
import Durability
import FileIO
import Synchronization
import VectorModel

/// Finds out which log records nobody needs any more, makes that durable in a checkpoint of the catalog, and lets their files go.
final class LogTrimmer: Sendable {
    private let log: any CommitLog
    private let catalog: PublishedCatalog
    private let files: CollectionFiles
    private let checkpoints: CheckpointFile
    /// Held while a checkpoint is made, so that checkpoints follow one another. The floor that the newest one has.
    private let floor: Mutex<SequenceNumber>
    /// Held while the log is trimmed, and while somebody needs that it is not.
    private let trims = Mutex(())

    init(log: any CommitLog, catalog: PublishedCatalog, files: CollectionFiles, checkpoints: CheckpointFile, floor: SequenceNumber) {
        self.log = log
        self.catalog = catalog
        self.files = files
        self.checkpoints = checkpoints
        self.floor = Mutex(floor)
    }

    /// Every record up to this number is in a manifest or in what the next checkpoint holds.
    ///
    /// What the log has synced is asked first: a change that gets its number later is later, and one that has it is found among the collections' and the
    /// catalog's first needed ones, which wait for changes that are just being accepted.
    func safeFloor() -> SequenceNumber {
        let synced = log.lastSynced
        let needed = [files.registry.firstNeeded(), catalog.firstNeeded()].compactMap(\.self).min()
        guard let needed, needed <= synced else { return synced }
        return SequenceNumber(needed.rawValue - 1)
    }

    /// Lets go of log files if there is one that nobody needs.
    func trimIfWorthwhile() {
        let complete = log.status.files.dropLast()
        guard let oldest = complete.first else { return }
        let safe = safeFloor()
        guard oldest.last <= safe else { return }
        // While a backup copies the log there is no hurry: the next round tries again, and flushes do not wait for it.
        _ = trims.withLockIfAvailable { _ in trim(through: safe) }
    }

    /// Calls `body` with a floor that is safe, while no record after it leaves the log: what manifests and catalog say from then on, and the log's
    /// records after the floor, are the whole database.
    func keepingLog<Result, Failure: Error>(_ body: (SequenceNumber) throws(Failure) -> Result) throws(Failure) -> Result {
        try trims.withLock { _ throws(Failure) in try body(max(floor.withLock { $0 }, safeFloor())) }
    }

    private func trim(through safe: SequenceNumber) {
        do throws(MaintenanceError) {
            try checkpoint(floor: safe)
            do throws(FileError) {
                try log.trim(through: safe)
            } catch {
                throw .file(error)
            }
            files.health.noteSuccess(.checkpoint)
        } catch {
            files.health.note(.checkpoint, "the log could not be trimmed: \(error)")
        }
    }

    /// Writes the first checkpoint, unless there is one: from then on it is known what no catalog names.
    func makeFirstCheckpoint() throws(MaintenanceError) {
        if !checkpoints.isWritten { try checkpoint(floor: .zero) }
    }

    /// Writes the catalog as it is now. Called with a floor that was safe before.
    func checkpoint(floor safe: SequenceNumber) throws(MaintenanceError) {
        try floor.withLock { floor throws(MaintenanceError) in
            let (current, number) = catalog.currentWithNumber
            do throws(LogError) {
                // What a checkpoint holds, the log must not lose: its numbers would be given out again.
                if number > log.lastSynced { try log.waitUntilSyncedBlocking(number) }
            } catch {
                throw .log(error)
            }
            let newFloor = max(floor, safe)
            let logEnd = log.lastSynced
            do throws(CheckedFileError) {
                try checkpoints.write(current.checkpoint(floor: newFloor, logEnd: logEnd, lastChange: number))
            } catch {
                throw error.asMaintenanceError
            }
            floor = newFloor
            files.health.noteSuccess(.catalogCopy)
        }
    }
}
