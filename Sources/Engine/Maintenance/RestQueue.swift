import VectorModel

/// Which collections are to be settled and indexed, and when: a value that knows no clock.
///
/// A collection comes due when it has had no new segment for `settleMilliseconds`, then once more after a long rest; while it has new segments all
/// the time, every `indexDelayMilliseconds`; at once when somebody waits for it.
struct RestQueue: Sendable {
    /// A collection whose turn it is.
    struct Turn: Sendable {
        let collection: Collection
        /// For how long it has had no new segment.
        let restMilliseconds: Int
        /// Indexes are built anew although there are some.
        let rebuildsIndexes: Bool
    }

    private struct Entry: Sendable {
        let collection: Collection
        /// Its identifier, by which those are ordered that are due.
        let order: String
        var lastSegment: ContinuousClock.Instant
        /// Since when it waits, if it gets no rest.
        var waitingSince: ContinuousClock.Instant
        var isUrgent = false
        var rebuildsIndexes = false
        /// It had its turn after a short rest.
        var hasSettled = false
        var notBefore: ContinuousClock.Instant?
        var failures = 0
    }

    private let options: StorageOptions
    private var entries: [CollectionIdentifier: Entry] = [:]

    init(options: StorageOptions) {
        self.options = options
    }

    /// A collection has a new segment, or is to be looked at as if it had.
    mutating func note(_ collection: Collection, _ now: ContinuousClock.Instant) {
        var entry = entry(of: collection, now)
        entry.lastSegment = now
        if entry.hasSettled { (entry.hasSettled, entry.waitingSince) = (false, now) }
        entries[collection.identifier] = entry
    }

    /// Somebody waits for what is to be done for a collection.
    mutating func noteUrgent(_ collection: Collection, _ now: ContinuousClock.Instant, rebuildsIndexes: Bool = false) {
        var entry = entry(of: collection, now)
        entry.isUrgent = true
        entry.rebuildsIndexes = entry.rebuildsIndexes || rebuildsIndexes
        entries[collection.identifier] = entry
    }

    /// What was to be done failed: it is tried again, after a while that grows.
    mutating func noteFailure(_ collection: Collection, _ now: ContinuousClock.Instant, waits: Bool) {
        var entry = entry(of: collection, now)
        entry.isUrgent = true
        entry.failures += 1
        entry.notBefore = waits ? now + .milliseconds(min(60_000, 500 << min(entry.failures, 8))) : nil
        entries[collection.identifier] = entry
    }

    mutating func forget(_ collection: CollectionIdentifier) { entries[collection] = nil }

    private func entry(of collection: Collection, _ now: ContinuousClock.Instant) -> Entry {
        entries[collection.identifier]
            ?? Entry(collection: collection, order: collection.identifier.description, lastSegment: now, waitingSince: now)
    }

    /// The collection whose turn it is now, the urgent first, among equals by identifier. Cost: linear in the collections that wait.
    /// - Parameter done: these had their turn in this round.
    mutating func next(_ now: ContinuousClock.Instant, except done: Set<CollectionIdentifier> = []) -> Turn? {
        var first: Entry?
        for entry in entries.values where isDue(entry, now) && !done.contains(entry.collection.identifier) {
            if first.map({ (entry.isUrgent ? 0 : 1, entry.order) < ($0.isUrgent ? 0 : 1, $0.order) }) ?? true { first = entry }
        }
        guard let entry = first else { return nil }
        let identifier = entry.collection.identifier
        let rest = Self.milliseconds(from: entry.lastSegment, to: now)
        var next = entry
        (next.isUrgent, next.rebuildsIndexes, next.waitingSince) = (false, false, now)
        if rest >= options.settleMilliseconds {
            // Nothing more is to come once it has had a long rest.
            entries[identifier] = entry.hasSettled && rest >= longRest ? nil : next
            entries[identifier]?.hasSettled = true
        } else {
            entries[identifier] = next
        }
        return Turn(collection: entry.collection, restMilliseconds: rest, rebuildsIndexes: entry.rebuildsIndexes)
    }

    private func isDue(_ entry: Entry, _ now: ContinuousClock.Instant) -> Bool {
        if let notBefore = entry.notBefore, notBefore > now { return false }
        if entry.isUrgent { return true }
        let rest = Self.milliseconds(from: entry.lastSegment, to: now)
        if entry.hasSettled { return rest >= longRest }
        return rest >= options.settleMilliseconds || Self.milliseconds(from: entry.waitingSince, to: now) >= options.indexDelayMilliseconds
    }

    private var longRest: Int {
        let rest = options.settleMilliseconds.multipliedReportingOverflow(by: CompactionPolicy.longRest)
        return rest.overflow ? .max : rest.partialValue
    }

    private static func milliseconds(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Int {
        Int((end - start) / .milliseconds(1))
    }
}
