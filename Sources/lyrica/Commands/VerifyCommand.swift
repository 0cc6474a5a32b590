import ArgumentParser
import LyricaClient

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read everything that is stored and check it: on a running server, in a data directory, or in a backup.",
        discussion: """
            Every byte is covered by a checksum, and every invariant is checked: ids, rows, deletions, counts, the log. Without --data-dir or \
            --backup the server checks itself while it works on, and steps aside for searches.

            --repair puts a data directory in order that no server uses. It saves every row that can be read, moves what it replaces into the \
            directory's 'quarantine' and deletes nothing; killed, it can be run again. --dry-run says what it would do. What could not be saved \
            is listed by file and row; --ids names the ids too. A backup that is not damaged is the better remedy.

            Orphans (files that nothing refers to, which the next start removes) and notes are shown and change nothing about the exit code.

            Exit code 0 when nothing is damaged, or, with --repair, when nothing is damaged any more and nothing was lost; 1 otherwise; 3 when \
            the server cannot be reached.

            EXAMPLES
              lyrica verify
              lyrica verify --data-dir /srv/lyrica --json
              lyrica verify --backup /backups/monday
              lyrica verify --data-dir /srv/lyrica --repair --dry-run
              lyrica verify --data-dir /srv/lyrica --repair
            """
    )

    @OptionGroup var connection: ConnectionOptions

    @Option(name: .long, help: ArgumentHelp("Check this data directory, which no server writes to.", valueName: "path"), completion: .directory)
    var dataDir: String?

    @Option(name: .long, help: ArgumentHelp("Check this backup, a directory or a single file.", valueName: "path"), completion: .file())
    var backup: String?

    @Flag(name: .long, help: "Put the data directory in order. Only with --data-dir.")
    var repair = false

    @Flag(name: .long, help: "Say what --repair would do, and change nothing.")
    var dryRun = false

    @Flag(name: .long, help: "With --repair, name the ids of rows that are lost.")
    var ids = false

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        if dataDir != nil, backup != nil { throw ValidationError("--data-dir and --backup exclude each other.") }
        if dataDir != nil || backup != nil, connection.url != nil { throw ValidationError("--url has no meaning with --data-dir and --backup.") }
        if repair, dataDir == nil { throw ValidationError("--repair needs --data-dir: only a directory that no server uses can be repaired.") }
        if dryRun || ids, !repair { throw ValidationError("--dry-run and --ids belong to --repair.") }
    }

    func run() async throws {
        Terminal.ignoreBrokenPipes()
        if let dataDir {
            let offline = OfflineVerification(dataDirectory: dataDir, quiet: quiet, json: json)
            try await reportingErrors {
                if repair { try offline.repair(isDryRun: dryRun, namesIdentifiers: ids) } else { try offline.verify() }
            }
        } else if let backup {
            try await reportingErrors { try BackupVerification(path: backup, quiet: quiet, json: json).run() }
        } else {
            try await connection.run(quiet: quiet) { client in
                let progress = PhaseProgress(quiet: quiet)
                let result = try await client.verify { progress.note($0) }
                progress.finish()
                try Output.print(result, asJSON: json)
                if !result.isSound { throw ExitCode(1) }
            }
        }
    }
}

extension Output {
    static func print(_ result: VerificationResult, asJSON: Bool) throws(ClientError) {
        if asJSON { try print(json: .object(result.json)) } else { try print(result.lines) }
    }
}
