/// Which rows of a collection have which index, as lyrica-vectord tells it.
public struct IndexStatus: Equatable, Sendable {
    public let collectionID: String
    /// What the collection asks for: `auto`, `flat`, `hnsw` or `ivf`.
    public let choice: String
    /// How vectors are stored: `float32` or `float16`.
    public let vectorType: String
    public let rows: Int
    /// Under a graph.
    public let hnswRows: Int
    /// Under an inverted file.
    public let ivfRows: Int
    /// Scanned, since they are few or no index is asked for.
    public let flatRows: Int
    /// Scanned until their index is built.
    public let pendingRows: Int
    /// Whether an index is being built at this moment.
    public let isBuilding: Bool
    /// How much of that index is done, from 0 to 1, where the server tells.
    public let buildProgress: Double?
    /// Of the index files.
    public let bytes: Int
    /// The whole answer, for `--json`.
    public let raw: JSONObject

    /// Whatever a server says, its numbers can be added up.
    private static let countMax = Int.max / 8

    /// - Throws: `ClientError.unexpectedReply` when it does not say which collection it is of.
    public init(_ answer: JSONValue) throws(ClientError) {
        guard let object = answer.object, let id = object["id"]?.string else { throw .unexpectedReply("the indexes of no collection") }
        func count(_ key: String) -> Int { min(max(0, object[key]?.integer ?? 0), Self.countMax) }
        collectionID = id
        choice = object["index"]?.string ?? "?"
        vectorType = object["vector_type"]?.string ?? "?"
        rows = count("rows")
        hnswRows = count("hnsw_rows")
        ivfRows = count("ivf_rows")
        flatRows = count("flat_rows")
        pendingRows = count("pending_rows")
        isBuilding = object["building"]?.bool ?? false
        buildProgress = object["build_progress"]?.number
        bytes = count("bytes")
        raw = object
    }

    /// What is asked for, and what there is: `hnsw`, `auto: flat`, `auto: hnsw, flat`.
    public var kinds: String {
        let kinds = [("hnsw", hnswRows), ("ivf", ivfRows), ("flat", flatRows)].filter { $0.1 > 0 }.map { $0.0 }
        return kinds.isEmpty || kinds == [choice] ? choice : "\(choice): \(kinds.joined(separator: ", "))"
    }

    /// How much of it needs no more work, in percent rounded down, and what is done about the rest.
    public var progress: String {
        let done = pendingRows > 0 ? Self.percent(min(Double(max(0, rows - pendingRows)) / Double(max(rows, 1)), 0.99)) : "100 %"
        if isBuilding { return "\(done), building" + (buildProgress.map { " (\(Self.percent($0)))" } ?? "") }
        return pendingRows > 0 ? "\(done), waiting" : done
    }

    private static func percent(_ share: Double) -> String { "\(Int(min(max(share, 0), 1) * 100)) %" }
}

/// What a rebuild of indexes did.
public struct IndexRebuildResult: Equatable, Sendable {
    public let collections: Int
    public let indexes: Int
    public let rows: Int
    public let bytes: Int
    public let wasCancelled: Bool
    /// All of them; those in `failures` are the first.
    public let failureCount: Int
    public let failures: [String]
    /// The whole answer, for `--json`.
    public let raw: JSONObject

    /// - Throws: `ClientError.unexpectedReply` when it does not say what was built.
    public init(_ object: JSONObject) throws(ClientError) {
        guard let indexes = object["indexes"]?.integer, let failures = object["failures"]?.array else {
            throw .unexpectedReply("a rebuild of indexes without its result")
        }
        func count(_ key: String) -> Int { object[key]?.integer ?? 0 }
        self.indexes = indexes
        collections = count("collections")
        rows = count("rows")
        bytes = count("bytes")
        wasCancelled = object["cancelled"]?.bool ?? false
        failureCount = object["failure_count"]?.integer ?? failures.count
        self.failures = failures.compactMap(\.string)
        raw = object
    }

    /// Whether everything that was asked for is built.
    public var isComplete: Bool { failureCount == 0 && !wasCancelled }

    /// A line of totals, then a line per failure.
    public var lines: [String] {
        func counted(_ number: Int, _ noun: String) -> String { ProgressMeter.counted(number, noun) }
        let built = indexes == 1 ? "1 index" : "\(ProgressMeter.grouped(indexes)) indexes"
        let size = "\(counted(rows, "row")), \(ByteCount.text(bytes))"
        var lines = ["\(wasCancelled ? "not finished" : "built"): \(built) of \(counted(collections, "collection")), \(size)"]
        lines += failures.map { TerminalText.printable("failed: \($0)") }
        if failureCount > failures.count { lines.append("and \(counted(failureCount - failures.count, "more failure"))") }
        return lines
    }
}
