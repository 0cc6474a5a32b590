/// Which collections' memtables are written to segments now, and why: a pure function of sizes and times.
package struct FlushPolicy {
    /// One collection with something in memory.
    package struct Candidate: Equatable {
        /// The caller's number for it.
        package let index: Int
        let memtableBytes: Int
        /// Bytes of log from its first change on.
        let pinnedLogBytes: Int
        /// Since its last change.
        let idleMilliseconds: Int
        /// The share of its rows on disk that died since the last flush, which only a flush makes known to compaction.
        let newlyDeadShare: Double
        /// Rows in memory that an index is to have; 0 where none is wanted.
        let unindexedRows: Int

        package init(
            index: Int, memtableBytes: Int, pinnedLogBytes: Int, idleMilliseconds: Int, newlyDeadShare: Double, unindexedRows: Int = 0
        ) {
            self.index = index
            self.memtableBytes = memtableBytes
            self.pinnedLogBytes = pinnedLogBytes
            self.idleMilliseconds = idleMilliseconds
            self.newlyDeadShare = newlyDeadShare
            self.unindexedRows = unindexedRows
        }
    }

    package enum Reason: Equatable {
        case memtableIsFull
        case pinsLog
        case memoryIsFull
        case manyDied
        case awaitsIndex
        case isIdle
    }

    let options: StorageOptions

    package init(options: StorageOptions) {
        self.options = options
    }

    /// The candidates to flush, the most urgent first.
    package func choose(_ candidates: [Candidate]) -> [(candidate: Candidate, reason: Reason)] {
        var chosen: [(candidate: Candidate, reason: Reason)] = []
        var rest: [Candidate] = []
        for candidate in candidates {
            if let reason = reason(for: candidate) { chosen.append((candidate, reason)) } else { rest.append(candidate) }
        }
        var bytesLeft = rest.reduce(0) { $0 + $1.memtableBytes }
        for candidate in rest.sorted(by: { $0.memtableBytes > $1.memtableBytes }) where bytesLeft > options.memtableBytesTotal {
            chosen.append((candidate, .memoryIsFull))
            bytesLeft -= candidate.memtableBytes
        }
        return chosen.sorted { Self.urgency($0.reason) < Self.urgency($1.reason) }
    }

    private func reason(for candidate: Candidate) -> Reason? {
        if candidate.memtableBytes >= options.memtableBytes { return .memtableIsFull }
        if candidate.pinnedLogBytes > options.logBytes { return .pinsLog }
        if candidate.newlyDeadShare > options.deadShareMax { return .manyDied }
        if candidate.unindexedRows >= options.indexRowsMin, candidate.idleMilliseconds >= options.indexIdleMilliseconds { return .awaitsIndex }
        if candidate.idleMilliseconds >= options.idleMilliseconds { return .isIdle }
        return nil
    }

    private static func urgency(_ reason: Reason) -> Int {
        switch reason {
        case .memtableIsFull: 0
        case .memoryIsFull: 1
        case .pinsLog: 2
        case .manyDied: 3
        case .awaitsIndex: 4
        case .isIdle: 5
        }
    }
}
