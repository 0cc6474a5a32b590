import ArgumentParser
import Durability
import Engine
import LyricaClient
import VectorModel

/// Checks and repairs a data directory that no server uses.
struct OfflineVerification {
    let dataDirectory: String
    let quiet: Bool
    let json: Bool

    /// - Throws: `ExitCode(1)` when something is damaged.
    func verify() throws {
        let progress = PhaseProgress(quiet: quiet)
        let report: VerificationReport
        do throws(VerificationFailure) {
            report = try DatabaseVerifier(directory: dataDirectory).run { done in
                progress.note(WorkProgress(done))
                return true
            }
        } catch {
            throw ClientError.data(error.description)
        }
        progress.finish()
        try Output.print(VerificationResult(report), asJSON: json)
        if !report.isSound { throw ExitCode(1) }
    }

    /// - Throws: `ExitCode(1)` when something was lost, is still damaged, or would have to be repaired.
    func repair(isDryRun: Bool, namesIdentifiers: Bool) throws {
        var options = DatabaseRepair.Options()
        options.isDryRun = isDryRun
        options.namesIdentifiers = namesIdentifiers
        options.createdWith = "lyrica " + ClientVersion.current
        let progress = PhaseProgress(quiet: quiet)
        let report: RepairReport
        do throws(RepairFailure) {
            report = try DatabaseRepair(directory: dataDirectory, options: options).run { done in
                progress.note(WorkProgress(done))
                return true
            }
        } catch {
            throw ClientError.data(error.description)
        }
        progress.finish()
        if json {
            try Output.print(json: .object(report.json))
        } else {
            try Output.print(report.description.split(separator: "\n").map { line in
                String(line.prefix { $0 == " " }) + TerminalText.printable(line)
            })
        }
        if !report.isClean { throw ExitCode(1) }
    }
}

extension RepairReport {
    /// Nothing was lost, nothing is damaged, and nothing is left to do.
    fileprivate var isClean: Bool {
        let isSound = isDryRun ? actions.isEmpty && before.isSound : (after ?? before).isSound
        return isSound && lostRowCount == 0 && logGaps.isEmpty && refusedChanges.isEmpty
    }

    fileprivate var json: JSONObject {
        JSONObject([
            .init("clean", .bool(isClean)), .init("dry_run", .bool(isDryRun)), .init("quarantine", quarantine.map { .string($0) } ?? .null),
            .init("actions", .array(actions.map { action in
                .object(JSONObject([
                    .init("file", .string(action.file)), .init("what", .string(action.what)),
                    .init("collection", action.collection.map { .string($0.description) } ?? .null),
                ]))
            })),
            .init("saved_rows", .integer(Int64(savedRows))), .init("lost_row_count", .integer(Int64(lostRowCount))),
            .init("lost_rows", .array(lostRows.map { row in
                .object(JSONObject([
                    .init("collection", .string(row.collection.description)), .init("file", .string(row.file)),
                    .init("row", .integer(Int64(row.row))),
                    .init("id", row.identifier.map { .string($0) } ?? .null), .init("damage", .string(row.damage)),
                ]))
            })),
            .init("log_records", .integer(Int64(logRecords))),
            .init("log_gaps", .array(logGaps.map { gap in
                .object(JSONObject([
                    .init("file", .string(gap.file)), .init("offset", .integer(Int64(gap.offset))),
                    .init("first", .integer(Int64(clamping: gap.missing.lowerBound.rawValue))),
                    .init("last", .integer(Int64(clamping: gap.missing.upperBound.rawValue))),
                ]))
            })),
            .init("refused_changes", .array(refusedChanges.map { .integer(Int64(clamping: $0.rawValue)) })),
            .init("warnings", .array(warnings.map { .string($0) })),
            .init("before", .object(VerificationResult(before).json)),
            .init("after", after.map { .object(VerificationResult($0).json) } ?? .null),
        ])
    }
}

extension VerificationResult {
    /// What the engine found, in the form in which a server tells it.
    init(_ report: VerificationReport) {
        self.init(
            isSound: report.isSound, wasCancelled: report.wasCancelled, files: report.files, bytes: report.bytes, collections: report.collections,
            rows: report.rows, logRecords: report.logRecords, findingCount: report.findings.count,
            findings: report.findings.map { finding in
                Finding(
                    severity: finding.severity.rawValue, file: finding.file, offset: finding.offset, what: finding.what, expected: finding.expected,
                    found: finding.found, collection: finding.collection?.description, remedy: finding.remedy)
            })
    }
}
