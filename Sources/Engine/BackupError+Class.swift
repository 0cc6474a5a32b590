import Durability
import FileIO
public import VectorModel

extension BackupError {
    /// Who has to act, for layers that do not know files.
    public var errorClass: RequestError.Class {
        switch self {
        case .readOnly: .forbidden
        case .invalid, .notABackup, .boundBeforeBackup, .archiveEndsEarly: .invalid
        case .targetTaken: .alreadyExists
        case .file(let error), .undecided(let error): Self.errorClass(of: error)
        case .checkedFile(let error):
            switch error {
            case .file(let error), .undecided(let error): Self.errorClass(of: error)
            case .corruption, .unsupportedVersion: .internalFailure
            }
        case .archive(let error):
            switch error {
            case .file(let error): Self.errorClass(of: error)
            case .cancelled: .cancelled
            case .corruption, .sourceTooShort, .unusableName: .internalFailure
            }
        case .contents, .unreadable, .log, .findings, .opening: .internalFailure
        case .cancelled: .cancelled
        }
    }

    private static func errorClass(of error: FileError) -> RequestError.Class { error.isOutOfSpace ? .outOfSpace : .internalFailure }
}

extension BackupReport {
    /// When the last change in the backup was made, in milliseconds since the beginning of 1970, UTC; 0 if it is not known.
    public var unixMilliseconds: UInt64 { time.milliseconds }
}
