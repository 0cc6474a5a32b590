internal import FileIO
internal import VectorModel

/// Which files the log consists of, and which wait to be used again: what the writer's thread, the preparer's and those who keep house share.
///
/// Invariants:
/// 1. Complete files are in the order of their records, and are never written to; the current file follows them.
/// 2. A file is in the list of recycled ones only when the directory was synced after it had lost its name in the log, and it has no other name.
final class LogInventory: Sendable {
    /// A file of the log.
    struct Entry: Sendable {
        let first: SequenceNumber
        /// The last record, or a later number that no file after it begins before.
        var last: SequenceNumber
        let fileBytes: Int
        /// How many bytes of it records take, with the header.
        var usedBytes: Int
        var isArchived = false

        var name: String { LogFormat.fileName(first: first) }
    }

    struct State {
        var complete: [Entry] = []
        var current: Entry?
        /// Paths of files of the standard length.
        var recycled: [String] = []
        /// Paths of files that were renamed, which is not certain yet.
        var leaving: [String] = []
        fileprivate let recycledFileBytes: Int
        var recycledBytes: Int { (recycled.count + leaving.count) * recycledFileBytes }
        var archiveFailure: LogArchiveFailure?
        fileprivate var isBusy = false
        fileprivate var isClosed = false
    }

    private let monitor: Monitor<State>

    /// - Parameter recycledFileBytes: the standard length.
    init(complete: [Entry], current: Entry?, recycled: [String], recycledFileBytes: Int) {
        monitor = Monitor(State(complete: complete, current: current, recycled: recycled, recycledFileBytes: recycledFileBytes))
    }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        monitor.withLock(body)
    }

    // MARK: The writer

    /// The current file holds records up to `last` now.
    func grew(through last: SequenceNumber, usedBytes: Int) {
        monitor.withLock { state in
            state.current?.last = last
            state.current?.usedBytes = usedBytes
        }
    }

    /// A new file has its name for good, so the one before is complete.
    func started(_ entry: Entry) {
        monitor.withLock { state in
            if let complete = state.current { state.complete.append(complete) }
            state.current = entry
        }
    }

    // MARK: Files to use again

    /// Takes one, if there is any.
    func takeRecycled() -> String? {
        monitor.withLock { $0.recycled.popLast() }
    }

    /// Gives one back, unused.
    func returnRecycled(_ path: String) {
        monitor.withLock { $0.recycled.append(path) }
    }

    // MARK: Keeping house

    /// Calls `body` while nobody else keeps house, waiting until that is so; nil when the log was closed.
    func exclusively<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result? {
        let isOpen = monitor.wait { state -> Bool? in
            if state.isClosed { return false }
            if state.isBusy { return nil }
            state.isBusy = true
            return true
        }
        guard isOpen else { return nil }
        defer {
            monitor.withLock { $0.isBusy = false }
            monitor.signal()
        }
        return try body()
    }

    /// Ends all housekeeping; returns when none is under way.
    func close() {
        monitor.wait { state -> Void? in
            if state.isBusy { return nil }
            state.isClosed = true
            return ()
        }
        monitor.signal()
    }
}
