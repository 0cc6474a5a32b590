import ArgumentParser
import LyricaClient

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether the server is up, what it is and what it holds.",
        discussion: """
            Asks for a sign of life, the version, readiness and the state of the storage (where the server tells them), the limits of writes, \
            and the size and index of every collection of the database.

            Exit code 0 when the server is up, ready and its storage healthy; 1 when it is up but not ready, refuses, or something is damaged \
            or cannot be stored; 3 when it cannot be reached.

            EXAMPLES
              lyrica status
              lyrica status --url http://db.example:8001 --json
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        try await connection.run { client in
            let status = try await ServerStatus(client)
            if json {
                try Output.print(json: status.json(url: connection.baseURL))
            } else {
                try Output.print(status.lines(url: connection.baseURL))
                if !status.collections.isEmpty { try Output.print(status.table) }
            }
            if case .notReady = status.readiness { throw ExitCode(1) }
            if status.storage?.isHealthy == false { throw ExitCode(1) }
        }
    }
}

/// Everything that `status` asks for.
private struct ServerStatus {
    let heartbeat: Int
    let version: String
    let readiness: Readiness
    let limits: ServerLimits
    let storage: StorageStatus?
    /// Without a count where the server refuses it, as of a damaged collection.
    let collections: [(info: CollectionInfo, count: Int?)]
    /// By the collection's id; `nil` where the server does not tell.
    let indexes: [String: IndexStatus]?

    init(_ client: ChromaClient) async throws(ClientError) {
        heartbeat = try await client.heartbeat()
        version = try await client.version()
        readiness = try await client.readiness()
        limits = try await client.limits()
        storage = try await client.storageStatus()
        indexes = try await client.indexStatuses().map { statuses in
            Dictionary(statuses.map { ($0.collectionID, $0) }) { first, _ in first }
        }
        var collections: [(info: CollectionInfo, count: Int?)] = []
        for info in try await client.collections() {
            collections.append((info, try await Self.count(info, client)))
        }
        self.collections = collections
    }

    private static func count(_ info: CollectionInfo, _ client: ChromaClient) async throws(ClientError) -> Int? {
        do throws(ClientError) {
            return try await client.count(collectionID: info.id)
        } catch .refused(status: 500, _, _) {
            return nil
        } catch {
            throw error
        }
    }

    func lines(url: String) -> [String] {
        let ready =
            switch readiness {
            case .ready: "yes"
            case .notReady(let status): "no (\(status))"
            case .unknown: "this server does not say"
            }
        let records = collections.reduce(0) { $0 + ($1.count ?? 0) }
        return [
            "\(url) is up",
            "  version         \(TerminalText.printable(version))",
            "  ready           \(ready)",
            "  max batch size  \(ProgressMeter.grouped(limits.batchSizeMax))",
            "  collections     \(ProgressMeter.grouped(collections.count)), with \(ProgressMeter.grouped(records)) records",
        ] + (storage?.lines ?? [])
    }

    var table: Table {
        var columns: [Table.Column] = [
            .init("collection", shrinks: true), .init("records", alignsRight: true), .init("dimension", alignsRight: true), .init("metric"),
        ]
        if indexes != nil { columns += [.init("index"), .init("indexed"), .init("index size", alignsRight: true)] }
        var table = Table(columns + [.init("id")])
        for (info, count) in collections {
            var cells = [info.name, count.map(ProgressMeter.grouped) ?? "?", info.dimension.map { "\($0)" } ?? "-", info.metric?.rawValue ?? "?"]
            if let indexes { cells += Self.cells(indexes[info.id]) }
            table.add(cells + [info.id])
        }
        return table
    }

    /// Without what is unknown, as of a damaged collection.
    private static func cells(_ index: IndexStatus?) -> [String] {
        guard let index else { return ["?", "?", "?"] }
        return [index.kinds, index.progress, ByteCount.text(index.bytes)]
    }

    func json(url: String) -> JSONValue {
        let ready: JSONValue =
            switch readiness {
            case .ready: .bool(true)
            case .notReady: .bool(false)
            case .unknown: .null
            }
        return .object(JSONObject([
            .init("url", .string(url)),
            .init("version", .string(version)),
            .init("ready", ready),
            .init("heartbeat_nanoseconds", .integer(Int64(heartbeat))),
            .init("max_batch_size", .integer(Int64(limits.batchSizeMax))),
            .init("supports_base64_encoding", .bool(limits.supportsBase64)),
            .init("storage", storage?.raw ?? .null),
            .init("collections", .array(collections.map { .object(Self.json($0.info, count: $0.count, indexes?[$0.info.id])) })),
        ]))
    }

    private static func json(_ info: CollectionInfo, count: Int?, _ index: IndexStatus?) -> JSONObject {
        JSONObject([
            .init("name", .string(info.name)),
            .init("id", .string(info.id)),
            .init("records", count.map { .integer(Int64($0)) } ?? .null),
            .init("dimension", info.dimension.map { .integer(Int64($0)) } ?? .null),
            .init("metric", info.metric.map { .string($0.rawValue) } ?? .null),
            .init("index", index.map { .object($0.raw) } ?? .null),
        ])
    }
}

extension StorageStatus {
    /// For people: sizes, then what is wrong.
    fileprivate var lines: [String] {
        var lines = [
            "  up for          \(ProgressMeter.clock(.seconds(uptimeSeconds)))",
            "  in memory       \(ByteCount.text(memtableBytes)) that are not in segment files yet",
            "  log             \(logText)",
            "  storage         \(isHealthy ? "healthy" : faults)",
        ]
        lines += damagedCollections.map { damaged in
            TerminalText.printable("damaged: collection \(damaged.id) is \(damaged.isReadable ? "read-only" : "refused"): \(damaged.damage)")
        }
        if damagedCollectionCount > damagedCollections.count {
            lines.append("damaged: \(ProgressMeter.grouped(damagedCollectionCount - damagedCollections.count)) more collections")
        }
        return lines + problems.map { TerminalText.printable("problem: \($0)") }
    }

    private var logText: String {
        guard let log else { return "none: the server changes nothing" }
        return "\(ProgressMeter.counted(log.files, "file")), \(ByteCount.text(log.bytes)) on disk"
    }

    private var faults: String {
        ProgressMeter.counted(damagedCollectionCount, "damaged collection") + ", " + ProgressMeter.counted(problems.count, "problem")
    }
}
