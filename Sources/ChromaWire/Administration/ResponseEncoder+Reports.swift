public import Engine
import VectorModel

/// The lines of answers that take long: each is a JSON object with a line end. Any number with `progress`, then one with `result` or `error`.
extension ResponseEncoder {
    /// The media type of such an answer.
    public static let linesMediaType = "application/x-ndjson"

    /// Findings that one answer names; the rest is counted.
    public static let findingsMax = 1_000

    public func progress(_ progress: VerificationProgress) -> WireBytes {
        line("progress") { $0.progress(phase: "checking", done: progress.bytesDone, total: progress.bytesTotal) }
    }

    public func progress(_ progress: BackupProgress) -> WireBytes {
        line("progress") { $0.progress(phase: progress.phase.rawValue, done: progress.bytesDone, total: progress.bytesTotal) }
    }

    /// Progress before anything is known of it.
    public func progressUnknown() -> WireBytes {
        line("progress") { $0.progress(phase: "starting", done: 0, total: 0) }
    }

    public func result(_ report: VerificationReport) -> WireBytes {
        line("result") { $0.verification(report) }
    }

    /// - Parameter name: what the backup is called below the server's directory for backups.
    public func result(_ report: BackupReport, name: String) -> WireBytes {
        line("result") { $0.backup(report, name: name) }
    }

    /// An error of work that had begun to answer.
    public func errorLine(_ error: WireError) -> WireBytes {
        write { writer in
            writer.object([("error", { $0.string(error.name) }), ("message", { $0.string(error.message) })])
            writer.raw("\n")
        }
    }

    /// One line with one member.
    func line(_ name: StaticString, _ content: @escaping (inout JSONWriter) -> Void) -> WireBytes {
        write { writer in
            writer.object([(name, content)])
            writer.raw("\n")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func progress(phase: String, done: Int, total: Int) {
        object([
            ("phase", { $0.string(phase) }), ("bytes_done", { $0.integer(done) }), ("bytes_total", { $0.integer(total) }),
        ])
    }

    fileprivate mutating func verification(_ report: VerificationReport) {
        object([
            ("sound", { $0.boolean(report.isSound) }),
            ("cancelled", { $0.boolean(report.wasCancelled) }),
            ("files", { $0.integer(report.files) }),
            ("bytes", { $0.integer(report.bytes) }),
            ("collections", { $0.integer(report.collections) }),
            ("rows", { $0.integer(report.rows) }),
            ("log_records", { $0.integer(report.logRecords) }),
            ("finding_count", { $0.integer(report.findings.count) }),
            ("findings", { writer in
                writer.array(report.findings.prefix(ResponseEncoder.findingsMax)) { writer, finding in writer.finding(finding) }
            }),
        ])
    }

    private mutating func finding(_ finding: VerificationReport.Finding) {
        object([
            ("severity", { $0.string(finding.severity.rawValue) }),
            ("file", { $0.string(finding.file) }),
            ("offset", { $0.optional(finding.offset) { writer, offset in writer.integer(offset) } }),
            ("what", { $0.string(finding.what) }),
            ("expected", { $0.string(finding.expected) }),
            ("found", { $0.string(finding.found) }),
            ("collection", { $0.optionalString(finding.collection?.description) }),
            ("remedy", { $0.string(finding.remedy) }),
        ])
    }

    fileprivate mutating func backup(_ report: BackupReport, name: String) {
        object([
            ("name", { $0.string(name) }),
            ("sequence", { $0.integer(report.sequence.rawValue) }),
            ("unix_milliseconds", { $0.integer(report.unixMilliseconds) }),
            ("collections", { $0.integer(report.collections) }),
            ("files", { $0.integer(report.files) }),
            ("bytes", { $0.integer(report.bytes) }),
            ("new_bytes", { $0.integer(report.newBytes) }),
            ("bytes_shared_with_base", { $0.integer(report.bytesSharedWithBase) }),
            ("damaged_collections", { writer in
                writer.array(report.damagedCollections.prefix(ResponseEncoder.findingsMax)) { writer, damaged in
                    writer.object([
                        ("id", { $0.string(damaged.collection.description) }), ("problem", { $0.string(damaged.problem) }),
                    ])
                }
            }),
        ])
    }
}
