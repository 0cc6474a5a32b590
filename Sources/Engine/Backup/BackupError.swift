public import Durability
public import FileIO
public import VectorModel

/// Why a backup could not be made, checked or restored. The description says what to do.
public enum BackupError: Error, Sendable, CustomStringConvertible {
    /// The database is open for reading only.
    case readOnly
    /// What was asked for makes no sense.
    case invalid(String)
    /// The directory or file that is to be written exists, and is not an empty directory.
    case targetTaken(String)
    /// There is no file `BACKUP`: the backup was not finished, or it is something else.
    case notABackup(String)
    /// The file `BACKUP` cannot be used.
    case contents(CheckedFileError)
    /// The operating system refused something.
    case file(FileError)
    /// All is written, but whether it has its name, now and after the death of the machine, is not certain.
    case undecided(FileError)
    /// A checked file of the backup could not be written, or one of the source not be read.
    case checkedFile(CheckedFileError)
    /// A file that was needed could not be read, or not to its end.
    case unreadable(String)
    /// The log could not be read or copied.
    case log(LogCopyError)
    /// The archive could not be written or read.
    case archive(TarError)
    /// The backup is not whole: what is wrong with it.
    case findings([BackupFinding])
    /// The restored directory could not be opened.
    case opening(OpeningFailure)
    /// The moment that was asked for lies before the backup was made.
    case boundBeforeBackup(SequenceNumber, LogTimestamp)
    /// The archived log ends before the change that was asked for.
    case archiveEndsEarly(SequenceNumber, asked: SequenceNumber)
    /// The caller asked to stop.
    case cancelled

    public var description: String {
        switch self {
        case .readOnly: "the database is open for reading only: back it up where it is open for writing, or copy its directory while nobody writes"
        case .invalid(let problem): problem
        case .targetTaken(let path): "\(path) exists already; choose another name, or an empty directory"
        case .notABackup(let path):
            "\(path) is not a backup: there is no file \(BackupContents.fileName) in it, which is written when a backup is complete"
        case .contents(let error): "the backup cannot be used: \(error); use another one"
        case .file(let error) where error.isOutOfSpace: "there is no space left: \(error); free some and try again"
        case .file(let error): error.description
        case .undecided(let error): "whether it is there for good is not certain: \(error); check the disk, and verify what is there or run it again"
        case .checkedFile(let error): error.description
        case .unreadable(let problem): problem
        case .log(let error): error.description
        case .archive(let error): error.description
        case .findings(let findings): Self.describe(findings)
        case .opening(let failure): "what was restored cannot be opened: \(failure)"
        case .boundBeforeBackup(let sequence, let time):
            "the backup has changes up to \(sequence), of \(time), which is later than what was asked for; use an older backup"
        case .archiveEndsEarly(let last, let asked):
            "the log files given reach only up to change \(last), not to \(asked); name the directories of all archived log files"
        case .cancelled: "cancelled; nothing is left of it"
        }
    }

    private static func describe(_ findings: [BackupFinding]) -> String {
        let some = findings.prefix(5).map(\.description).joined(separator: "; ")
        let more = findings.count > 5 ? "; and \(findings.count - 5) more" : ""
        return "the backup is damaged: \(some)\(more). Use another backup, or restore what is whole by accepting the damage"
    }
}

/// Something in a backup that is not as it should be.
public struct BackupFinding: Hashable, Sendable, CustomStringConvertible {
    /// The name of the file within the backup; `nil`: it concerns no single file.
    public let file: String?
    /// Place, expected and found.
    public let problem: String

    public var description: String { file.map { "\($0): \(problem)" } ?? problem }
}
