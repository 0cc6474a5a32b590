import ByteCoding
import Durability
import FileIO
import VectorModel

/// The whole log: every frame, and that every record decodes.
struct LogCheck {
    let directory: DataDirectory

    /// Replays the records after `floor`, and adds a finding for what is wrong, with the records that are missing therefore.
    /// - Parameter replay: throws for a record that cannot have been written.
    /// - Returns: the last record; `nil` if the log is damaged.
    func run(
        after floor: SequenceNumber, _ work: VerificationWork, replay: (LogRecord) throws(Corruption) -> Void
    ) -> SequenceNumber? {
        countFiles(work)
        do throws(LogOpenError) {
            let report = try LogReplay.read([directory.logPath], fileSystem: directory.fileSystem, after: floor) { (record) throws(Corruption) in
                work.countLogRecord()
                try replay(record)
            }
            if let cut = report.cut {
                work.add(VerificationReport.Finding(
                    .note, file: cut.file, offset: cut.offset, what: "end of the log", expected: "whole records, or zeros",
                    found: "\(cut.bytes) bytes that nothing vouches for, as after a crash", remedy: "the next start cuts them off"))
            }
            return report.last
        } catch {
            work.add(VerificationReport.Finding(error, directory.logPath))
            reportGaps(after: floor, work)
            return nil
        }
    }

    /// Names in the log's directory that it does not use.
    func reportOrphans(_ work: VerificationWork) {
        guard let names = try? directory.names(in: directory.logPath) else { return }
        for name in names where !name.hasSuffix(LogFormat.fileNameSuffix) && !name.hasSuffix(LogFormat.temporarySuffix) {
            work.add(VerificationReport.Finding(
                .orphan, file: directory.logPath + "/" + name, what: "file in the log's directory", expected: "a log file", found: "another name",
                remedy: "no server reads or removes it: look who put it there"))
        }
    }

    private func countFiles(_ work: VerificationWork) {
        // A directory that cannot be listed is reported by the replay.
        for name in (try? directory.names(in: directory.logPath)) ?? [] where name.hasSuffix(LogFormat.fileNameSuffix) {
            let bytes = (try? directory.fileSystem.status(directory.logPath + "/" + name))?.bytes ?? 0
            work.countFile(bytes: bytes)
            work.advance(bytes)
        }
    }

    private func reportGaps(after floor: SequenceNumber, _ work: VerificationWork) {
        guard let salvaged = try? LogSalvage.read([directory.logPath], fileSystem: directory.fileSystem, after: floor, take: { _ in }) else { return }
        for gap in salvaged.gaps {
            work.add(VerificationReport.Finding(
                .damage, file: gap.file, offset: gap.offset, what: "records of the log",
                expected: "those from \(gap.missing.lowerBound) to \(gap.missing.upperBound)", found: "none that is whole",
                remedy: VerificationReport.Finding.repair))
        }
    }
}

extension VerificationReport.Finding {
    /// Why a log cannot be read.
    init(_ error: LogOpenError, _ logPath: String) {
        switch error {
        case .corruption(let corruption): self.init(corruption)
        case .file(let error): self.init(Corruption(unreadable: error.path, error))
        case .unsupportedVersion(let file, let found, let newestKnown):
            self.init(
                .damage, file: file, offset: 8, what: "formatVersion", expected: "at most \(newestKnown)", found: "\(found)",
                remedy: "use the newer program that wrote it")
        }
    }
}
