import Durability
import FileIO
import Segments
import VectorModel

/// Writes memtables to segments when `FlushPolicy` says so, removes what dropped collections left, and lets the log go that nobody needs.
///
/// Used by one thread.
final class Flusher {
    private let files: CollectionFiles
    private let log: any CommitLog
    private let trimmer: LogTrimmer
    private let policy: FlushPolicy
    private let context: Collection.MaintenanceContext
    /// Whether rows of a collection are to get an index.
    private let wantsIndex: (Collection) -> Bool
    /// Called with each collection that has a new manifest: it may be worth compacting.
    private let onFlush: (Collection) -> Void

    /// When the number of changes of a collection was last seen to grow.
    private var activity: [CollectionIdentifier: (changes: Int, since: ContinuousClock.Instant)] = [:]
    /// Not before then, after how many failures in a row.
    private var postponed: [CollectionIdentifier: (until: ContinuousClock.Instant, failures: Int)] = [:]

    init(
        files: CollectionFiles, log: any CommitLog, trimmer: LogTrimmer, options: StorageOptions, context: Collection.MaintenanceContext,
        wantsIndex: @escaping (Collection) -> Bool, onFlush: @escaping (Collection) -> Void
    ) {
        self.files = files
        self.log = log
        self.trimmer = trimmer
        policy = FlushPolicy(options: options)
        self.context = context
        self.wantsIndex = wantsIndex
        self.onFlush = onFlush
    }

    /// What a round left.
    struct Outcome {
        /// The bytes that memtables take.
        let memtableBytes: Int
        /// More is due already.
        let isUnfinished: Bool
    }

    /// How many collections one round flushes: then it looks again what is most urgent, since thousands may become idle at once.
    private static let flushesPerRound = 16

    /// One round.
    func run(now: ContinuousClock.Instant) -> Outcome {
        let collections = files.registry.all
        let due = policy.choose(candidates(collections, now)).map { collections[$0.candidate.index] }.filter { collection in
            postponed[collection.identifier].map { $0.until <= now } ?? true
        }
        for collection in due.prefix(Self.flushesPerRound) { flush(collection, now) }
        trimmer.trimIfWorthwhile()
        return Outcome(
            memtableBytes: files.registry.all.reduce(0) { $0 + $1.writeAhead.memtableBytes }, isUnfinished: due.count > Self.flushesPerRound)
    }

    private func candidates(_ collections: [Collection], _ now: ContinuousClock.Instant) -> [FlushPolicy.Candidate] {
        let status = log.status
        var seen: [CollectionIdentifier: (changes: Int, since: ContinuousClock.Instant)] = [:]
        defer { activity = seen }
        return collections.enumerated().compactMap { index, collection -> FlushPolicy.Candidate? in
            let access = collection.currentAccess
            guard let first = collection.writeAhead.first, access.isReadable, !access.isEnded else { return nil }
            let changes = collection.writeAhead.changeCount
            let known = activity[collection.identifier]
            let since = known?.changes == changes ? known?.since ?? now : now
            seen[collection.identifier] = (changes, since)
            return FlushPolicy.Candidate(
                index: index, memtableBytes: collection.writeAhead.memtableBytes, pinnedLogBytes: status.bytesPinned(by: first),
                idleMilliseconds: Int((now - since) / .milliseconds(1)), newlyDeadShare: newlyDeadShare(collection),
                unindexedRows: wantsIndex(collection) ? memtableRows(collection) : 0)
        }
    }

    private func memtableRows(_ collection: Collection) -> Int {
        collection.description.parts.reduce(0) { $0 + ($1.rows.segment == nil ? $1.liveCount : 0) }
    }

    private func newlyDeadShare(_ collection: Collection) -> Double {
        let flushed = collection.storage.flushed().snapshot
        let rows = flushed.parts.reduce(0) { $0 + $1.rowCount }
        guard rows > 0 else { return 0 }
        let dead = flushed.parts.reduce(0) { $0 + $1.tombstones.count }
        let deadNow = collection.description.parts.reduce(0) { $0 + ($1.rows.segment == nil ? 0 : $1.tombstones.count) }
        return Double(deadNow - dead) / Double(rows)
    }

    private func flush(_ collection: Collection, _ now: ContinuousClock.Instant) {
        do throws(MaintenanceError) {
            guard try collection.flush(context) else { return }
            postponed[collection.identifier] = nil
            files.health.noteSuccess(.flush(collection.identifier))
            onFlush(collection)
        } catch {
            guard error.isFailure, !collection.currentAccess.isEnded else { return }
            let failures = (postponed[collection.identifier]?.failures ?? 0) + 1
            postponed[collection.identifier] = (now + .milliseconds(min(30_000, 250 << min(failures, 8))), failures)
            files.health.note(.flush(collection.identifier), "a memtable could not be written to a segment: \(error)")
        }
    }
}
