import ByteCoding
import Durability
import Segments
import Synchronization
import VectorModel

extension Collection {
    /// What maintenance needs of the rest of the engine.
    struct MaintenanceContext {
        /// Returns when the log knows what became of the changes up to a number, and they are settled.
        let settle: (Collection, SequenceNumber) throws(MaintenanceError) -> Void
        /// Called about once per MiB written: waits where maintenance must step aside, or ends it.
        let pace: () throws(MaintenanceError) -> Void
    }

    /// Writes what is only in memory to a segment, and makes it, with the deaths of other rows, known to the manifest.
    ///
    /// Writers and readers go on meanwhile; they wait only while the parts change places. Cost: one pass over the memtable's living rows, three
    /// syncs of files and directories. A second flush of the collection waits for the first.
    /// - Returns: false when a change was withdrawn meanwhile, so that it has to be tried again.
    func flush(_ context: MaintenanceContext) throws(MaintenanceError) -> Bool {
        try flushing.withLock { _ throws(MaintenanceError) in try flushAlone(context) }
    }

    private func flushAlone(_ context: MaintenanceContext) throws(MaintenanceError) -> Bool {
        let withdrawals = writeAhead.withdrawalCount
        guard let sealed = sealForFlush() else { return true }
        try context.settle(self, sealed.sequenceNumber)
        // What was withdrawn before this point is in the sealed memtable; what is withdrawn later is newer than it.
        guard writeAhead.withdrawalCount == withdrawals else { return false }

        let memtables = sealed.parts.filter { $0.rows.segment == nil }
        let segment = try storage.writeSegment(of: memtables, dimension: sealed.dimension, pace: context.pace)?.segment
        let replacement = PartReplacement(old: memtables, segment: segment)
        do throws(MaintenanceError) {
            try storage.commit { _ throws(MaintenanceError) in
                guard let current = pendingFlush.withLock({ $0 }) else { throw .superseded }
                let flushed = try current.replacingInStorage(replacement)
                // A manifest that claims rows which are in no segment would lose them.
                guard flushed.parts.allSatisfy({ $0.rows.segment != nil }) else { throw .superseded }
                return flushed
            } install: {
                install(replacement, flushed: sealed.sequenceNumber)
            }
        } catch {
            storage.discard(segment, after: error)
            throw error
        }
        return true
    }

    /// Closes the memtable and notes what is to become durable; `nil` when nothing is new since the last flush.
    private func sealForFlush() -> CollectionSnapshot? {
        working.withLock { state in
            guard writeAhead.first != nil, currentAccess.isReadable else { return nil }
            state.seal()
            let sealed = state.snapshot()
            pendingFlush.withLock { $0 = sealed }
            return sealed
        }
    }

    /// Replaces parts by their segment in everything that shows them. Called with `storage` locked, when the manifest names the segment.
    ///
    /// When what has died meanwhile cannot be found in the segment, the collection is refused from then on: memory is behind the disk.
    /// - Parameter flushed: what the manifest holds now, if that is news.
    func install(_ replacement: PartReplacement, flushed: SequenceNumber? = nil) {
        do throws(Corruption) {
            try replaceParts(replacement, flushed: flushed)
        } catch {
            noteDamage(error, .refused)
        }
    }

    private func replaceParts(_ replacement: PartReplacement, flushed: SequenceNumber?) throws(Corruption) {
        try working.withLock { state throws(Corruption) in
            try state.replace(replacement)
            try unsettled.withLock { unsettled throws(Corruption) in
                try unsettled.mapStates { (snapshot) throws(Corruption) in try snapshot.replacing(replacement) }
                try published.withLock { snapshot throws(Corruption) in snapshot = try snapshot.replacing(replacement) }
            }
            if let flushed {
                pendingFlush.withLock { $0 = nil }
                writeAhead.noteFlush(through: flushed, last: state.lastNumber, bytes: state.memtableBytes)
                if writeAhead.first == nil { storage.files.registry.remove(self) }
            } else {
                try pendingFlush.withLock { pending throws(Corruption) in pending = try pending?.replacing(replacement) }
            }
        }
    }
}

extension CollectionSnapshot {
    /// As `replacing`, where not being able to read means that maintenance fails.
    func replacingInStorage(_ replacement: PartReplacement) throws(MaintenanceError) -> CollectionSnapshot {
        do throws(Corruption) {
            return try replacing(replacement)
        } catch {
            throw .damage(error)
        }
    }
}
