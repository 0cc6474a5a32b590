public import VectorModel

/// The end of a transaction: what it has read, and the changes that are to be made if nothing of that has changed since.
///
/// The transaction itself lives with the client: it reads at one moment, which a token names, collects its changes, and sends them at once.
/// No two changes name the same id; an add names an id that was read and is not there, an update or a delete one that was read and is there.
/// Optimistic concurrency control, as in H. T. Kung, J. T. Robinson, "On optimistic methods for concurrency control" (1981),
/// doi:10.1145/319566.319567, with backward validation of point reads: of a read with conditions the ids that it returned are validated, not those that came to match since.
public struct ConditionalCommit: Sendable {
    /// One of the transaction's reads.
    public struct Read: Sendable {
        /// The ids asked for; `nil` when it had conditions only.
        public var asked: [String]?
        /// Whether it had conditions: then an id that was not found may be there all the same.
        public var hasConditions: Bool
        /// The ids found; `nil` when the client does not say which.
        public var found: [String]?

        public init(asked: [String]?, hasConditions: Bool, found: [String]?) {
            self.asked = asked
            self.hasConditions = hasConditions
            self.found = found
        }
    }

    /// The moment of the reads; `nil` only when there were none.
    public let token: SequenceNumber?
    /// Every id that a read is about.
    public let readIdentifiers: Set<String>
    /// In the order in which they were asked for.
    public let changes: [GroupedChange]

    /// How many records the changes name.
    public var recordCount: Int { changes.reduce(0) { $0 + $1.identifiers.count } }

    /// - Throws: `invalid` for reads without a token, a change that names an id a second time or one that no read has told of; `batchTooLarge`.
    public init(
        token: SequenceNumber?, reads: [Read], changes: [GroupedChange], limits: Limits = .standard
    ) throws(RequestError) {
        guard token != nil || reads.isEmpty else { throw .invalid("read_token", "is missing; reads of a transaction have one") }
        let knowledge = Knowledge(reads)
        self.token = token
        readIdentifiers = knowledge.read
        self.changes = changes
        for count in [recordCount, readIdentifiers.count, changes.count] where count > limits.batchRows {
            throw RequestError(.batchTooLarge(rows: count, limit: limits.batchRows))
        }
        var named = Set<String>(minimumCapacity: recordCount)
        for (place, change) in changes.enumerated() {
            for identifier in change.identifiers {
                guard named.insert(identifier).inserted else {
                    throw .invalid("operations[\(place)]", "transaction already has a buffered write for id \"\(identifier)\"")
                }
                try knowledge.check(change, identifier, place)
            }
        }
    }
}

/// What the reads of a transaction tell of ids.
private struct Knowledge {
    private(set) var read: Set<String> = []
    private var present: Set<String> = []
    private var absent: Set<String> = []

    init(_ reads: [ConditionalCommit.Read]) {
        for read in reads {
            let found = Set(read.found ?? [])
            self.read.formUnion(found)
            present.formUnion(found)
            guard let asked = read.asked else { continue }
            self.read.formUnion(asked)
            if read.found == nil {
                // Which of them are there the client knows, and the commit finds out.
                present.formUnion(asked)
                absent.formUnion(asked)
            } else if !read.hasConditions {
                absent.formUnion(asked.filter { !found.contains($0) })
            }
        }
    }

    func check(_ change: GroupedChange, _ identifier: String, _ place: Int) throws(RequestError) {
        let (what, isKnown, state) =
            switch change {
            case .write(_, .add): ("add", absent.contains(identifier), "absent")
            case .write(_, .update): ("update", present.contains(identifier), "present")
            case .write(_, .upsert): ("upsert", true, "")
            case .delete: ("delete", present.contains(identifier), "present")
            }
        guard isKnown else {
            throw .invalid(
                "operations[\(place)]", "transactional \(what) for id \"\(identifier)\" requires a prior read proving the id is \(state)")
        }
    }
}
