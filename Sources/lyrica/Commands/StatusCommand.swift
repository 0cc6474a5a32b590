import ArgumentParser
import LyricaClient

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether the server is up, what it is and what it holds.",
        discussion: """
            Asks for a sign of life, the version, readiness (where the server tells it), the limits of writes, and the size of every collection of the database.

            Exit code 0 when the server is up and ready, 1 when it is up but says it is not ready or refuses, 3 when it cannot be reached.

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
        }
    }
}

/// Everything that `status` asks for.
private struct ServerStatus {
    let heartbeat: Int
    let version: String
    let readiness: Readiness
    let limits: ServerLimits
    let collections: [(info: CollectionInfo, count: Int)]

    init(_ client: ChromaClient) async throws(ClientError) {
        heartbeat = try await client.heartbeat()
        version = try await client.version()
        readiness = try await client.readiness()
        limits = try await client.limits()
        var collections: [(info: CollectionInfo, count: Int)] = []
        for info in try await client.collections() {
            collections.append((info, try await client.count(collectionID: info.id)))
        }
        self.collections = collections
    }

    func lines(url: String) -> [String] {
        let ready =
            switch readiness {
            case .ready: "yes"
            case .notReady(let status): "no (\(status))"
            case .unknown: "this server does not say"
            }
        let records = collections.reduce(0) { $0 + $1.count }
        return [
            "\(url) is up",
            "  version         \(TerminalText.printable(version))",
            "  ready           \(ready)",
            "  max batch size  \(ProgressMeter.grouped(limits.batchSizeMax))",
            "  collections     \(ProgressMeter.grouped(collections.count)), with \(ProgressMeter.grouped(records)) records",
        ]
    }

    var table: Table {
        var table = Table([
            .init("collection", shrinks: true), .init("records", alignsRight: true), .init("dimension", alignsRight: true), .init("metric"), .init("id"),
        ])
        for (info, count) in collections {
            table.add([
                info.name, ProgressMeter.grouped(count), info.dimension.map { "\($0)" } ?? "-", info.metric?.rawValue ?? "?", info.id,
            ])
        }
        return table
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
            .init("collections", .array(collections.map { .object(Self.json($0.info, count: $0.count)) })),
        ]))
    }

    private static func json(_ info: CollectionInfo, count: Int) -> JSONObject {
        JSONObject([
            .init("name", .string(info.name)),
            .init("id", .string(info.id)),
            .init("records", .integer(Int64(count))),
            .init("dimension", info.dimension.map { .integer(Int64($0)) } ?? .null),
            .init("metric", info.metric.map { .string($0.rawValue) } ?? .null),
        ])
    }
}
