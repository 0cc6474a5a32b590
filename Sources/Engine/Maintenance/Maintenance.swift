import Durability
import FileIO
import Synchronization
import VectorModel

/// What a database does by itself: writes memtables to segments, merges segments, removes what was dropped, trims the log.
///
/// Two threads, so that no flush waits for a merge. In stepped execution nothing happens until a test says `step()`.
final class Maintenance: Sendable {
    private struct Shared: Sendable {
        var isStopped = false
        var runningThreads = 0
        var wantsFlush = false
        /// Collections with a new manifest, to be looked at by the compactor.
        var compactions: [CollectionIdentifier: Collection] = [:]
        /// Files whose directories are still to be removed. Not their collections, which would keep the segments that they show.
        var removals: [CollectionIdentifier: CollectionStorage] = [:]
    }

    /// How often the flusher looks around when nobody calls it.
    private static let roundMilliseconds = 200

    let trimmer: LogTrimmer
    private let files: CollectionFiles
    private let log: any CommitLog
    private let options: StorageOptions
    private let execution: LogExecution
    private let compactionPacer: Pacer
    private let flushPacer: Pacer
    private let shared = Monitor(Shared())
    private let memtableBytes = Atomic<Int>(0)

    /// - Parameter isBusy: whether searches are running or waiting.
    init(
        files: CollectionFiles, log: any CommitLog, trimmer: LogTrimmer, options: StorageOptions, execution: LogExecution,
        isBusy: @escaping @Sendable () -> Bool
    ) {
        self.files = files
        self.log = log
        self.trimmer = trimmer
        self.options = options
        self.execution = execution
        switch execution {
        case .threads:
            compactionPacer = Pacer(bytesPerSecond: options.compactionBytesPerSecond, isBusy: isBusy)
            flushPacer = Pacer(bytesPerSecond: 0, isBusy: { false })
        case .stepped:
            compactionPacer = Pacer(bytesPerSecond: 0, isBusy: { false })
            flushPacer = compactionPacer
        }
    }

    /// Starts the threads.
    /// - Parameter collections: those that may have something to merge from before.
    func start(_ collections: [Collection]) {
        for collection in collections { noteFlush(collection) }
        switch execution {
        case .stepped: break
        case .threads:
            shared.withLock { $0.runningThreads = 2 }
            startThread { [self] in runFlusher() }
            startThread { [self] in
                lowerThreadPriority()
                runCompactor()
            }
        }
    }

    /// Ends running work at its next step and returns when the threads have ended.
    func stop() {
        compactionPacer.stop()
        flushPacer.stop()
        shared.withLock { $0.isStopped = true }
        shared.signal()
        shared.wait { $0.runningThreads == 0 ? () : nil }
    }

    // MARK: What others tell

    /// - Throws: `overloaded` when the disk does not keep up with what is written.
    func checkRoom() throws(RequestError) {
        guard memtableBytes.load(ordering: .relaxed) <= options.memtableBytesMax else { throw RequestError(.overloaded(retryAfterSeconds: 1)) }
    }

    /// A collection was written to.
    func noteWrite(_ collection: Collection) {
        guard collection.writeAhead.memtableBytes >= options.memtableBytes else { return }
        let isNews = shared.withLock { shared in
            defer { shared.wantsFlush = true }
            return !shared.wantsFlush
        }
        if isNews { shared.signal() }
    }

    /// Collections are gone for good: their files follow as soon as that is certain.
    func noteEnd(_ collections: [Collection]) {
        for collection in collections {
            collection.working.withLock { _ in files.registry.remove(collection) }
            files.health.forget(collection.identifier)
        }
        shared.withLock { shared in
            for collection in collections { shared.removals[collection.identifier] = collection.storage }
            shared.wantsFlush = true
        }
        shared.signal()
    }

    private func noteFlush(_ collection: Collection) {
        guard !collection.storage.flushed().snapshot.parts.isEmpty else { return }
        shared.withLock { $0.compactions[collection.identifier] = collection }
        shared.signal()
    }

    // MARK: Threads

    private func makeFlusher() -> Flusher {
        Flusher(
            files: files, log: log, trimmer: trimmer, options: options, context: context, onFlush: { [self] in noteFlush($0) })
    }

    private var context: Collection.MaintenanceContext {
        Collection.MaintenanceContext(
            settle: { [log] (collection, number) throws(MaintenanceError) in try collection.settleBlocking(through: number, log) },
            pace: { [flushPacer] () throws(MaintenanceError) in try flushPacer.step() })
    }

    private func runFlusher() {
        let flusher = makeFlusher()
        while true {
            let isStopped = shared.wait(milliseconds: Self.roundMilliseconds) { shared -> Bool? in
                if shared.isStopped { return true }
                guard shared.wantsFlush else { return nil }
                shared.wantsFlush = false
                return false
            }
            if isStopped == true { break }
            removeDropped()
            let outcome = flusher.run(now: .now)
            memtableBytes.store(outcome.memtableBytes, ordering: .relaxed)
            if outcome.isUnfinished { shared.withLock { $0.wantsFlush = true } }
        }
        threadEnded()
    }

    private func runCompactor() {
        let compactor = Compactor(files: files, options: options) { [compactionPacer] () throws(MaintenanceError) in try compactionPacer.step() }
        while let collection = shared.wait(for: { shared -> Collection?? in
            if shared.isStopped { return .some(nil) }
            return shared.compactions.popFirst().map { .some($0.value) }
        }) {
            compactor.run(collection)
        }
        threadEnded()
    }

    private func threadEnded() {
        shared.withLock { $0.runningThreads -= 1 }
        shared.signal()
    }

    private func removeDropped() {
        let removals = shared.withLock { shared in
            defer { shared.removals = [:] }
            return shared.removals
        }
        guard !removals.isEmpty else { return }
        do throws(LogError) {
            // Where an acknowledgement comes before the sync, the death of the machine may take back the end of a collection, but not its files.
            try log.waitUntilSyncedBlocking(log.lastDurable)
        } catch {
            // The log accepts nothing more. Swept at the next start, if the end is found then.
            return
        }
        for (identifier, storage) in removals.sorted(by: { $0.key.description < $1.key.description }) {
            storage.drop()
            do throws(FileError) {
                guard try storage.removeDirectory() else {
                    // A reader still holds a file; the next round tries again.
                    shared.withLock { $0.removals[identifier] = storage }
                    continue
                }
                files.health.noteSuccess(.removal(identifier))
            } catch {
                // Swept at the next start.
                files.health.note(.removal(identifier), "the files of a dropped collection could not be removed: \(error)")
            }
        }
    }

    // MARK: On demand

    /// Writes everything to segments that is only in memory, and lets the log go. Blocks.
    func flushEverything() throws(MaintenanceError) {
        for collection in files.registry.all {
            do throws(MaintenanceError) {
                try flushCompletely(collection)
            } catch {
                // Of a collection that was deleted meanwhile nothing has to be kept.
                guard collection.currentAccess.isEnded else { throw error }
            }
        }
        trimmer.trimIfWorthwhile()
    }

    private func flushCompletely(_ collection: Collection) throws(MaintenanceError) {
        // A change that was withdrawn meanwhile makes a second try necessary; a third would mean a full disk that comes and goes.
        for _ in 0..<3 {
            if try collection.flush(context) { break }
        }
        noteFlush(collection)
    }

    /// In stepped execution: one round of everything, on this thread.
    func step(now: ContinuousClock.Instant = .now) {
        removeDropped()
        let flusher = makeFlusher()
        while flusher.run(now: now).isUnfinished {}
        let compactor = Compactor(files: files, options: options) { [compactionPacer] () throws(MaintenanceError) in try compactionPacer.step() }
        while let collection = shared.withLock({ shared -> Collection? in
            guard let first = shared.compactions.min(by: { $0.key.description < $1.key.description }) else { return nil }
            return shared.compactions.removeValue(forKey: first.key)
        }) {
            compactor.run(collection)
        }
    }
}

extension Collection {
    /// Waits until the log knows what becomes of the changes up to `number`, on stable storage, and settles them.
    fileprivate func settleBlocking(through number: SequenceNumber, _ log: any CommitLog) throws(MaintenanceError) {
        for earlier in unsettled(through: number) {
            do throws(LogError) {
                try log.waitUntilDurableBlocking(earlier)
                confirm(earlier)
            } catch {
                guard case .outOfSpace = error else { throw .log(error) }
                withdraw(earlier)
            }
        }
        do throws(LogError) {
            // Not only what `number` made: also the change of the catalog that made the collection, which a manifest must not outlive.
            try log.waitUntilSyncedBlocking(log.lastDurable)
        } catch {
            throw .log(error)
        }
    }
}
