import ArgumentParser
import LyricaClient

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Have the server back itself up while it works on.",
        discussion: """
            The backup holds every change up to one, and none after it. It is written by the server, below the directory that it was started \
            with as --backup-dir; on the data directory's file system its segment files are shared with the database and take no time and no space.

            With --base the segments that an earlier backup has already are shared with it. Either can be deleted without harm to the other. \
            With --tar the backup is one file, to be carried elsewhere. 'lyrica verify --backup' checks a backup, 'lyrica restore' makes a data \
            directory of it.

            Interrupted, no backup is left. Exit code 0 when the backup is complete, 1 when there is none or a collection in it is damaged, \
            3 when the server cannot be reached.

            EXAMPLES
              lyrica backup
              lyrica backup monday
              lyrica backup tuesday --base monday
              lyrica backup before-upgrade --tar
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: "What to call it: letters, digits, '.', '_' and '-'. By default a name that tells the time.")
    var name: String?

    @Flag(name: .long, help: "Make a single file instead of a directory.")
    var tar = false

    @Option(name: .long, help: ArgumentHelp("An earlier backup, in directory form, to share files with.", valueName: "name"))
    var base: String?

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print JSON: name, last change, sizes and damaged collections.")
    var json = false

    func validate() throws {
        if tar, base != nil { throw ValidationError("--tar and --base exclude each other: a single file shares nothing with an earlier backup.") }
    }

    func run() async throws {
        try await connection.run(quiet: quiet) { client in
            let progress = PhaseProgress(quiet: quiet)
            let result = try await client.backup(named: name, asArchive: tar, base: base) { progress.note($0) }
            progress.finish()
            if json { try Output.print(json: .object(result.raw)) } else { try Output.print(lines(result)) }
            if !result.damagedCollections.isEmpty { throw ExitCode(1) }
        }
    }

    private func lines(_ result: BackupResult) -> [String] {
        let time = result.unixMilliseconds > 0 ? ", made at \(UTCTime.text(milliseconds: result.unixMilliseconds))" : ""
        return [
            "backup \(TerminalText.printable(result.name)): every change up to \(result.sequence)\(time)",
            "  \(ProgressMeter.counted(result.collections, "collection")), \(ProgressMeter.counted(result.files, "file")) of "
                + "\(ByteCount.text(result.bytes)), "
                + "\(ByteCount.text(result.newBytes)) of them new on disk",
        ] + result.damagedCollections.map { "  damaged: collection \(TerminalText.printable($0.id)): \(TerminalText.printable($0.problem))" }
    }
}
