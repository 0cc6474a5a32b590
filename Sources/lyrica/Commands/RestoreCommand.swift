import ArgumentParser
import Durability
import Engine
import LyricaClient
import VectorModel

/// A moment, as `2026-01-31T23:59:59Z`.
struct TimeArgument: ExpressibleByArgument {
    let milliseconds: UInt64

    init?(argument: String) {
        guard let milliseconds = UTCTime.milliseconds(argument) else { return nil }
        self.milliseconds = milliseconds
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a data directory of a backup, as it was then or at a later moment. Needs no server.",
        discussion: """
            Checks the whole backup first. The directory appears complete at the end, or not at all. Start a server on it with --data-dir.

            With --archive the changes after the backup are applied too, from the log files that a server with --log-archive keeps; the \
            directory 'log' of a lost data directory, if it can be read, is one more. Without a bound everything is applied that is there. A \
            server on the restored directory needs an archive of its own: its log goes on under another identity.

            Exit code 0 when the directory is there and whole, 1 when it is not.

            EXAMPLES
              lyrica restore /backups/monday --to /srv/lyrica
              lyrica restore /backups/monday.tar --to ./copy --json
              lyrica restore /backups/monday --to ./copy --archive /archive --archive /srv/old/log --through-time 2026-01-31T23:59:59Z
              lyrica restore /backups/monday --to ./copy --archive /archive --through-sequence 123456
            """
    )

    @Argument(help: "The backup: a directory or a single file.", completion: .file())
    var backup: String

    @Option(name: .customLong("to"), help: ArgumentHelp("The data directory to make: absent, or empty.", valueName: "path"), completion: .directory)
    var target: String

    @Option(name: .long, help: ArgumentHelp("A directory with archived log files; may be repeated.", valueName: "path"), completion: .directory)
    var archive: [String] = []

    @Option(name: .long, help: ArgumentHelp("The last change to restore.", valueName: "number"))
    var throughSequence: UInt64?

    @Option(name: .long, help: ArgumentHelp("Restore what was committed at this time or earlier, in UTC.", valueName: "YYYY-MM-DDTHH:MM:SS[.fff]Z"))
    var throughTime: TimeArgument?

    @Flag(name: .long, help: "Share segment files with the backup where both are on one file system, instead of copying them.")
    var share = false

    @Flag(name: .long, help: "Restore what is whole of a damaged backup.")
    var acceptDamage = false

    @Flag(name: .long, help: "Show no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print JSON: the last change, sizes and what is damaged.")
    var json = false

    func validate() throws {
        if throughSequence != nil, throughTime != nil { throw ValidationError("--through-sequence and --through-time exclude each other.") }
    }

    func run() async throws {
        Terminal.ignoreBrokenPipes()
        try await reportingErrors {
            let report = try restore()
            if json {
                try Output.print(json: .object(Self.json(report, target)))
            } else {
                try Output.print(lines(report))
            }
            if !report.findings.isEmpty { throw ExitCode(1) }
        }
    }

    private func restore() throws(ClientError) -> RestoreReport {
        var options = RestoreOptions()
        options.logDirectories = archive
        options.mayShareFiles = share
        options.acceptsDamage = acceptDamage
        options.createdWith = "lyrica " + ClientVersion.current
        if let throughSequence { options.through = .sequence(SequenceNumber(throughSequence)) }
        if let throughTime { options.through = .time(LogTimestamp(milliseconds: throughTime.milliseconds)) }
        let progress = PhaseProgress(quiet: quiet)
        defer { progress.finish() }
        do throws(BackupError) {
            return try Backup.restore(from: backup, to: target, options: options) { done in
                progress.note(WorkProgress(done))
                return true
            }
        } catch {
            throw .data(error.description)
        }
    }

    private func lines(_ report: RestoreReport) -> [String] {
        let time = report.time > .zero ? ", made at \(UTCTime.text(milliseconds: report.time.milliseconds))" : ""
        return [
            "\(TerminalText.printable(target)): every change up to \(report.sequence)\(time); "
                + "\(ProgressMeter.counted(report.collections, "collection")), \(ByteCount.text(report.bytes))"
        ] + report.findings.map { "  damaged: \(TerminalText.printable($0.description))" }
    }

    private static func json(_ report: RestoreReport, _ target: String) -> JSONObject {
        JSONObject([
            .init("data_dir", .string(target)), .init("sequence", .integer(Int64(clamping: report.sequence.rawValue))),
            .init("unix_milliseconds", .integer(Int64(clamping: report.time.milliseconds))),
            .init("collections", .integer(Int64(report.collections))), .init("bytes", .integer(Int64(report.bytes))),
            .init("findings", .array(report.findings.map { .string($0.description) })),
        ])
    }
}

extension WorkProgress {
    init(_ progress: BackupProgress) {
        self.init(phase: progress.phase.rawValue, bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal)
    }

    init(_ progress: VerificationProgress) {
        self.init(phase: "checking", bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal)
    }
}
