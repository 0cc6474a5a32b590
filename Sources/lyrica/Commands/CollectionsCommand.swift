import ArgumentParser
import LyricaClient

struct CollectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collections",
        abstract: "List, show, create and delete collections.",
        subcommands: [List.self, Show.self, Create.self, Delete.self]
    )
}

extension CollectionsCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the collections of the database.",
            discussion: """
                EXAMPLES
                  lyrica collections list
                  lyrica collections list --json | jq -r '.[].name'
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Flag(name: .long, help: "Print JSON: an array of collections as the server describes them.")
        var json = false

        func run() async throws {
            try await connection.run { client in
                let collections = try await client.collections()
                if json {
                    try Output.print(json: .array(collections.map(\.raw)))
                    return
                }
                var table = Table([
                    .init("collection"), .init("dimension", alignsRight: true), .init("metric"), .init("id"), .init("metadata", shrinks: true),
                ])
                for info in collections {
                    table.add([
                        info.name, info.dimension.map { "\($0)" } ?? "-", info.metric?.rawValue ?? "?", info.id,
                        info.metadata.map(RecordOutput.pairs) ?? "",
                    ])
                }
                try Output.print(table)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one collection and the number of its records.",
            discussion: """
                Exit code 1 when there is no such collection.

                EXAMPLES
                  lyrica collections show psalms
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The collection's name.")
        var name: String

        @Flag(name: .long, help: "Print JSON: the collection as the server describes it, and 'records'.")
        var json = false

        func run() async throws {
            try await connection.run { client in
                let info = try await client.collection(named: name)
                let count = try await client.count(collectionID: info.id)
                if json {
                    var object = info.raw.object ?? JSONObject()
                    object.append("records", .integer(Int64(count)))
                    try Output.print(json: .object(object))
                    return
                }
                try Output.print([
                    "name       \(TerminalText.printable(info.name))",
                    "id         \(info.id)",
                    "records    \(ProgressMeter.grouped(count))",
                    "dimension  \(info.dimension.map { "\($0)" } ?? "not fixed yet")",
                    "metric     \(info.metric?.rawValue ?? "unknown")",
                    "metadata   \(TerminalText.printable(info.metadata.map(RecordOutput.pairs) ?? "none"))",
                ])
            }
        }
    }
}
