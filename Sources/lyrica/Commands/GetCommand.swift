import ArgumentParser
import LyricaClient

/// Conditions on records; the same options wherever records are chosen.
struct FilterOptions: ParsableArguments {
    @Option(name: .customLong("where"), help: ArgumentHelp("A condition on metadata, in Chroma's language.", valueName: "json"))
    var condition: ConditionArgument?

    @Option(name: .long, help: ArgumentHelp("A condition on documents, in Chroma's language.", valueName: "json"))
    var whereDocument: ConditionArgument?
}

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print records by id or by condition.",
        discussion: """
            Without --limit, --id gives all the ids that were named and everything else gives the first \(defaultLimit) records.

            Exit code 1 when an id that was named is not stored; those that are stored are printed.

            EXAMPLES
              lyrica get psalms --id Psa.1.1 --id Psa.23.1
              lyrica get psalms --where '{"chapter": {"$lte": 3}}' --limit 5
              lyrica get psalms --where-document '{"$contains": "LORD"}'
              lyrica get psalms --offset 200 --include embeddings,documents --json
            """
    )

    private static let defaultLimit = 20

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "The collection's name.")
    var collection: String

    @Option(name: .long, help: ArgumentHelp("An id; may be repeated.", valueName: "id"))
    var id: [String] = []

    @OptionGroup var filter: FilterOptions

    @Option(name: .long, help: ArgumentHelp("The most records to print.", valueName: "count"))
    var limit: Int?

    @Option(name: .long, help: ArgumentHelp("How many matching records to leave out first.", valueName: "count"))
    var offset = 0

    @Option(name: .long, help: ArgumentHelp("Parts of the records: documents, metadatas, uris, embeddings.", valueName: "list"))
    var include = IncludeArgument([.documents, .metadatas])

    @Flag(name: .long, help: "Print JSON: an array of records.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if offset < 0 { throw ValidationError("--offset must not be negative.") }
        if include.fields.contains(.distances) { throw ValidationError("distances come with query, not with get.") }
    }

    func run() async throws {
        try await connection.run { client in
            let info = try await client.collection(named: collection)
            let selection = RecordFilter(
                ids: id.isEmpty ? nil : id, condition: filter.condition?.object, documentCondition: filter.whereDocument?.object
            )
            let limit = limit ?? (id.isEmpty ? Self.defaultLimit : nil)
            let page = try await client.get(
                collectionID: info.id, filter: selection, limit: limit, offset: offset, include: include.fields
            )
            try RecordOutput(records: page.records, include: include.fields).print(asJSON: json)
            if self.limit == nil, page.records.count == limit {
                Terminal.note("the first \(page.records.count) records; --limit and --offset give others")
            }
            try reportMissing(among: page.records)
        }
    }

    /// Ids can be missing because they are not stored only where nothing else narrows the answer.
    private func reportMissing(among records: [StoredRecord]) throws {
        guard filter.condition == nil, filter.whereDocument == nil, limit == nil, offset == 0 else { return }
        let found = Set(records.map(\.id))
        let missing = id.filter { !found.contains($0) }
        guard !missing.isEmpty else { return }
        let shown = missing.prefix(10).map { TerminalText.printable($0) }.joined(separator: ", ")
        Terminal.note("lyrica: not stored: \(shown)\(missing.count > 10 ? " and \(missing.count - 10) more" : "")")
        throw ExitCode(1)
    }
}
