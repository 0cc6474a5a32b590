public import Engine
import VectorModel

/// What there is to tell of the storage's state since it was last looked at. A value: each damage is told once, each problem when it begins and ends.
public struct StorageNews: Sendable {
    public enum Event: Hashable, Sendable {
        /// A collection is damaged, or more so than before.
        case damaged(StorageReport.DamagedCollection)
        case problemBegan(String)
        case problemEnded(String)
    }

    private var readable: [CollectionIdentifier: Bool] = [:]
    private var problems: Set<String> = []

    public init() {}

    /// Takes the present state.
    /// - Returns: what is new in it, in its order.
    public mutating func update(_ report: StorageReport) -> [Event] {
        var events: [Event] = []
        // Reading on may show that more is gone than was known.
        for damaged in report.damagedCollections where readable[damaged.collection] != damaged.isReadable { events.append(.damaged(damaged)) }
        events += report.problems.filter { !problems.contains($0) }.map { .problemBegan($0) }
        events += problems.subtracting(report.problems).sorted().map { .problemEnded($0) }
        // Collections that were deleted are forgotten: their ids never come back.
        readable = Dictionary(report.damagedCollections.map { ($0.collection, $0.isReadable) }) { first, _ in first }
        problems = Set(report.problems)
        return events
    }
}
