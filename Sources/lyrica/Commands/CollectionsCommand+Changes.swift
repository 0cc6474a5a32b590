import ArgumentParser
import LyricaClient

extension CollectionsCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a collection.",
            discussion: """
                The first record fixes the dimension. Metadata values that look like numbers, true or false are stored as such; put a value into \
                double quotes to make it a string.

                Exit code 1 when the collection exists, unless --get-or-create is given.

                EXAMPLES
                  lyrica collections create psalms --metric cosine
                  lyrica collections create songs --metadata version=3 --metadata 'code="007"'
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The collection's name.")
        var name: String

        @Option(name: .long, help: "How distances are measured.")
        var metric = DistanceMetric.l2

        @Option(name: .long, help: ArgumentHelp("Metadata of the collection; may be repeated.", valueName: "key=value"))
        var metadata: [MetadataArgument] = []

        @Flag(name: .long, help: "Leave an existing collection as it is instead of failing.")
        var getOrCreate = false

        @Flag(name: .long, help: "Print JSON: the collection as the server describes it.")
        var json = false

        func run() async throws {
            try await connection.run { client in
                let info = try await client.createCollection(
                    named: name, metric: metric, metadata: JSONObject(metadata.map(\.member)), getOrCreate: getOrCreate
                )
                if json {
                    try Output.print(json: info.raw)
                } else {
                    try Output.print(["collection \(TerminalText.printable(info.name)), metric \(info.metric?.rawValue ?? "unknown"), id \(info.id)"])
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a collection with all its records.",
            discussion: """
                Asks first on a terminal. Elsewhere it deletes only with --yes.

                Exit code 1 when there is no such collection, or the answer was not yes.

                EXAMPLES
                  lyrica collections delete psalms
                  lyrica collections delete psalms --yes
                """
        )

        @OptionGroup var connection: ConnectionOptions

        @Argument(help: "The collection's name.")
        var name: String

        @Flag(name: .long, help: "Do not ask.")
        var yes = false

        @Flag(name: .long, help: "Print JSON: the name and the number of records that were deleted.")
        var json = false

        func run() async throws {
            try await connection.run { client in
                let info = try await client.collection(named: name)
                let count = try await client.count(collectionID: info.id)
                if !yes { try confirm(info, count: count) }
                try await client.deleteCollection(named: name)
                if json {
                    try Output.print(json: .object(JSONObject([.init("deleted", .string(name)), .init("records", .integer(Int64(count)))])))
                } else {
                    try Output.print(["deleted \(TerminalText.printable(name)) with \(ProgressMeter.grouped(count)) records"])
                }
            }
        }

        private func confirm(_ info: CollectionInfo, count: Int) throws(ClientError) {
            guard Terminal.isInteractive(.input) else {
                throw .data("nobody is there to ask whether '\(name)' may be deleted; say --yes; nothing was deleted")
            }
            Terminal.note("Delete '\(TerminalText.printable(info.name))' with \(ProgressMeter.grouped(count)) records? Type yes:")
            guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else { throw .data("nothing was deleted") }
        }
    }
}
