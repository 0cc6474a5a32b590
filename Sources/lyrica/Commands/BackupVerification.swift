import ArgumentParser
import Durability
import Engine
import LyricaClient
import VectorModel

/// Checks a backup.
struct BackupVerification {
    let path: String
    let quiet: Bool
    let json: Bool

    /// - Throws: `ExitCode(1)` when the backup is not what it was when it was made.
    func run() throws {
        let progress = PhaseProgress(quiet: quiet)
        let check: BackupCheck
        do throws(BackupError) {
            check = try Backup.verify(path) { done in
                progress.note(WorkProgress(done))
                return true
            }
        } catch {
            throw ClientError.data(error.description)
        }
        progress.finish()
        if json { try Output.print(json: .object(json(check))) } else { try Output.print(lines(check)) }
        if !check.findings.isEmpty { throw ExitCode(1) }
    }

    private func lines(_ check: BackupCheck) -> [String] {
        let report = check.report
        let verdict = check.findings.isEmpty ? "no damage" : "damaged"
        let time = report.time > .zero ? ", made at \(UTCTime.text(milliseconds: report.time.milliseconds))" : ""
        return [
            "\(verdict): \(ProgressMeter.counted(report.files, "file")) of \(ByteCount.text(report.bytes)), "
                + "\(ProgressMeter.counted(report.collections, "collection")), "
                + "every change up to \(report.sequence)\(time)"
        ] + check.findings.map { "damage: \(TerminalText.printable($0.description))" }
            + check.knownDamage.map { "so when the backup was made: \(TerminalText.printable($0.description))" }
    }

    private func json(_ check: BackupCheck) -> JSONObject {
        let report = check.report
        return JSONObject([
            .init("sound", .bool(check.findings.isEmpty)), .init("sequence", .integer(Int64(clamping: report.sequence.rawValue))),
            .init("unix_milliseconds", .integer(Int64(clamping: report.time.milliseconds))),
            .init("base_sequence", check.base.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null),
            .init("collections", .integer(Int64(report.collections))), .init("files", .integer(Int64(report.files))),
            .init("bytes", .integer(Int64(report.bytes))), .init("findings", .array(check.findings.map { .string($0.description) })),
            .init("known_damage", .array(check.knownDamage.map { .string($0.description) })),
        ])
    }
}
