import ArgumentParser
import LyricaClient

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Show indexes, and have them built anew.",
        subcommands: [Status.self, Rebuild.self]
    )
}

extension IndexCommand {
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell which records have which index, and how far building is.",
            discussion: """
                Records are found at all times: those whose index is not built yet are scanned. Small collections stay without an index, since a \
                scan is exact and as fast.

                Exit code 1 when there is no such collection, or the server is not lyrica-vectord; 3 when it cannot be reached.

                EXAMPLES
                  lyrica index status
                  lyrica index status psalms --json
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The collection's name. (default: all of the database)")
        var collection: String?

        @Flag(name: .long, help: "Print JSON: an array, one object for each collection.")
        var json = false

        func run() async throws {
            try await connection.run { client in
                let found = try await statuses(client)
                if json {
                    try Output.print(json: .array(found.map { name, status in
                        .object(JSONObject([.init("name", .string(name))] + status.raw.members))
                    }))
                } else {
                    try Output.print(Self.table(found))
                }
            }
        }

        private func statuses(_ client: ChromaClient) async throws(ClientError) -> [(name: String, status: IndexStatus)] {
            if let collection {
                let info = try await client.collection(named: collection)
                return [(info.name, try await client.indexStatus(collectionID: info.id))]
            }
            guard let statuses = try await client.indexStatuses() else { throw .data("this server does not tell of its indexes") }
            let byID = Dictionary(statuses.map { ($0.collectionID, $0) }) { first, _ in first }
            return try await client.collections().compactMap { info in byID[info.id].map { (info.name, $0) } }
        }

        private static func table(_ found: [(name: String, status: IndexStatus)]) -> Table {
            var table = Table([
                .init("collection", shrinks: true), .init("index"), .init("vectors"), .init("records", alignsRight: true),
                .init("indexed", alignsRight: true), .init("scanned", alignsRight: true), .init("pending", alignsRight: true),
                .init("size", alignsRight: true), .init("done"),
            ])
            for (name, status) in found {
                table.add([
                    name, status.kinds, status.vectorType, ProgressMeter.grouped(status.rows),
                    ProgressMeter.grouped(status.hnswRows + status.ivfRows), ProgressMeter.grouped(status.flatRows),
                    ProgressMeter.grouped(status.pendingRows), ByteCount.text(status.bytes), status.progress,
                ])
            }
            return table
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have indexes built anew from the stored vectors.",
            discussion: """
                Never needed for correctness: the server builds missing, damaged and outdated indexes by itself. The old indexes serve until the \
                new ones are there. Without --wait the work is done in the background, and 'lyrica index status' tells how far it is. With \
                --wait it ends when this command is stopped; what is not built yet stays as it was.

                Exit code 0 when it is done, or begun without --wait; 1 when something could not be built or there is no such collection; 3 when \
                the server cannot be reached.

                EXAMPLES
                  lyrica index rebuild psalms --wait
                  lyrica index rebuild --all
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The collection's name.")
        var collection: String?

        @Flag(name: .long, help: "Every collection of the server, of all tenants and databases.")
        var all = false

        @Flag(name: .long, help: "Wait until the indexes are built, and show how far they are.")
        var wait = false

        @Flag(name: .long, help: "Show no progress.")
        var quiet = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard all == (collection == nil) else { throw ValidationError("Name a collection, or say --all.") }
        }

        func run() async throws {
            try await connection.run(quiet: quiet) { client in
                let identifier: String? = if let collection { try await client.collection(named: collection).id } else { nil }
                if wait { try await rebuild(identifier, client) } else { try await schedule(identifier, client) }
            }
        }

        private func rebuild(_ identifier: String?, _ client: ChromaClient) async throws {
            let progress = PhaseProgress(quiet: quiet)
            let result = try await client.rebuildIndexes(collectionID: identifier) { progress.note($0) }
            progress.finish()
            if json { try Output.print(json: .object(result.raw)) } else { try Output.print(result.lines) }
            if !result.isComplete { throw ExitCode(1) }
        }

        private func schedule(_ identifier: String?, _ client: ChromaClient) async throws(ClientError) {
            let count = try await client.scheduleIndexRebuild(collectionID: identifier)
            if json {
                try Output.print(json: .object(JSONObject([.init("scheduled", .integer(Int64(count)))])))
            } else {
                let what = count == 1 ? "1 index is" : "\(ProgressMeter.grouped(count)) indexes are"
                try Output.print(["\(what) to be built anew; 'lyrica index status' tells how far that is"])
            }
        }
    }
}
