import VectorModel

/// The records of each group that a grouping keeps, while the records found are gone through, the best first.
///
/// Memory: for each group twice as many records as it keeps, and its values. Cost: amortised logarithmic for each record.
struct GroupSelection {
    private struct Member {
        /// Its place among the records found.
        let place: Int
        /// What the grouping's order looks at; `nil` where the record has no such key.
        let values: [MetadataValue?]
    }

    private let grouping: SearchGrouping
    private var groups: [[ValueIdentity]: [Member]] = [:]

    init(_ grouping: SearchGrouping) {
        self.grouping = grouping
    }

    /// Takes the next record.
    mutating func add(_ place: Int, score: Double?, _ metadata: Metadata?) {
        let key = grouping.keys.map { ValueIdentity(metadata?[$0]) }
        let values: [MetadataValue?] = grouping.order.map { order in
            switch order {
            case .score: score.map { .float($0) }
            case .metadata(let key): metadata?[key]
            }
        }
        groups[key, default: []].append(Member(place: place, values: values))
        // Trimmed only when it has doubled, so that sorting is paid for by what was added since.
        if let count = groups[key]?.count, count / 2 >= grouping.count { trim(key) }
    }

    private mutating func trim(_ key: [ValueIdentity]) {
        guard let members = groups[key] else { return }
        groups[key] = kept(members)
    }

    /// The places of the records that are kept, ascending.
    func places() -> [Int] {
        groups.values.flatMap { kept($0).map(\.place) }.sorted()
    }

    private func kept(_ members: [Member]) -> [Member] {
        Array(members.sorted(by: precedes).prefix(grouping.count))
    }

    /// Among equals the record that was found first.
    private func precedes(_ left: Member, _ right: Member) -> Bool {
        for (first, second) in zip(left.values, right.values) {
            switch MetadataOrder.compare(first, second) {
            case .ascending: return grouping.end == .smallest
            case .descending: return grouping.end == .largest
            case .same: break
            }
        }
        return left.place < right.place
    }
}
