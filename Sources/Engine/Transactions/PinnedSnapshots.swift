import Synchronization
import VectorModel

/// The moments of collections that transactions read at, kept for a while so that all reads of one see the same.
///
/// A bounded number, and each for a bounded time after its last use: it keeps the segments and memtables that it shows.
final class PinnedSnapshots: Sendable {
    private struct Key: Hashable, Sendable {
        let collection: CollectionIdentifier
        let token: SequenceNumber
    }

    private struct Pin: Sendable {
        let snapshot: CollectionSnapshot
        var lastUse: ContinuousClock.Instant
    }

    private struct State: Sendable {
        var pins: [Key: Pin] = [:]
        /// Somebody will remove what is too old.
        var isWatched = false

        mutating func removeExpired(_ now: ContinuousClock.Instant) {
            pins = pins.filter { now - $0.value.lastUse < PinnedSnapshots.lifetime }
        }
    }

    static let countMax = 256
    static let lifetime = Duration.seconds(30)

    private let state = Mutex(State())

    func pin(_ snapshot: CollectionSnapshot, of collection: CollectionIdentifier, at token: SequenceNumber, now: ContinuousClock.Instant = .now) {
        let mustWatch = state.withLock { state in
            state.removeExpired(now)
            if state.pins.count >= Self.countMax, let oldest = state.pins.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.pins[oldest.key] = nil
            }
            state.pins[Key(collection: collection, token: token)] = Pin(snapshot: snapshot, lastUse: now)
            defer { state.isWatched = true }
            return !state.isWatched
        }
        if mustWatch { watch() }
    }

    /// `nil` when it was never pinned, or too long ago.
    func snapshot(of collection: CollectionIdentifier, at token: SequenceNumber, now: ContinuousClock.Instant = .now) -> CollectionSnapshot? {
        state.withLock { state in
            state.removeExpired(now)
            let key = Key(collection: collection, token: token)
            state.pins[key]?.lastUse = now
            return state.pins[key]?.snapshot
        }
    }

    func removeAll() {
        state.withLock { $0.pins = [:] }
    }

    /// Removes what gets too old until nothing is left.
    private func watch() {
        Task { [weak self] in
            repeat {
                try await Task.sleep(for: Self.lifetime)
            } while self?.isStillWatched() ?? false
        }
    }

    private func isStillWatched() -> Bool {
        state.withLock { state in
            state.removeExpired(.now)
            state.isWatched = !state.pins.isEmpty
            return state.isWatched
        }
    }
}
