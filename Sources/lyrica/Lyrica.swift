import ArgumentParser
import LyricaClient

@main
struct Lyrica: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lyrica",
        abstract: "Look into, fill, ask and empty collections of a vector database server; tend its indexes, check it, back it up and restore it.",
        discussion: """
            Speaks the Chroma HTTP API, version 2, to lyrica-vectord and to Chroma servers. flush, index, verify and backup need lyrica-vectord; \
            restore, and verify with --data-dir or --backup, need no server.

            The server is named by --url or the environment variable LYRICA_URL; without either it is \(ConnectionOptions.defaultURL).

            EXIT CODES
              0   done
              1   the server or the data said no
              3   the server cannot be reached
              64  the command line is wrong
            """,
        version: ClientVersion.current,
        subcommands: [
            StatusCommand.self, CollectionsCommand.self, IngestCommand.self, QueryCommand.self, GetCommand.self, ExportCommand.self,
            FlushCommand.self, IndexCommand.self, VerifyCommand.self, BackupCommand.self, RestoreCommand.self,
        ]
    )
}
