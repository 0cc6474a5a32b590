import VectorModel

/// Which ids of a collection were changed lately, and by which change: a value. What is longer ago is forgotten, and then nothing is known of it.
///
/// Kept only while somebody uses transactions. Memory: an id and 16 bytes for each of at most `identifiersMax` ids and those of one more batch.
struct RecentChanges: Sendable {
    private struct Generation: Sendable {
        /// Changes after this one, up to the next generation, are in here.
        let since: SequenceNumber
        var newest: [String: SequenceNumber] = [:]
    }

    static let identifiersMax = 100_000

    private var older: Generation
    private var newer: Generation
    /// Ids noted since somebody last asked.
    private var unused = 0

    /// - Parameter number: the last change before the first that is noted.
    init(after number: SequenceNumber) {
        older = Generation(since: number)
        newer = Generation(since: number)
    }

    /// Whether nobody has asked for so long that it is not worth keeping.
    var isIdle: Bool { unused > 10 * Self.identifiersMax }

    mutating func noteUse() { unused = 0 }

    mutating func note(_ change: RecordChange, at number: SequenceNumber) {
        for part in change.parts {
            for identifier in part.identifiers { newer.newest[identifier] = number }
            unused += part.identifiers.count
        }
        guard newer.newest.count > Self.identifiersMax / 2 else { return }
        older = newer
        newer = Generation(since: number)
    }

    /// Whether one of these ids was changed after `number`, as far as that is known; true when it is not.
    func mayHaveChanged(_ identifiers: Set<String>, after number: SequenceNumber) -> Bool {
        guard number >= older.since else { return true }
        return [older, newer].contains { generation in
            identifiers.contains { generation.newest[$0].map { $0 > number } ?? false }
        }
    }
}
