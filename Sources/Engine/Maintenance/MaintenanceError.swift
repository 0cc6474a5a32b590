import ByteCoding
import Durability
import FileIO
import Segments

/// Why a piece of maintenance did not come to its end. Nothing is lost by it: memory, log and old files still hold everything.
enum MaintenanceError: Error, Sendable, CustomStringConvertible {
    case file(FileError)
    /// The disk refused after a manifest may have got its name: either version may be found after a crash.
    case undecided(FileError)
    /// What was to be written could not be read.
    case damage(Corruption)
    case log(LogError)
    /// The collection was deleted, or its state rebuilt, meanwhile.
    case superseded
    /// The database is being closed.
    case stopped
    /// A record that no segment takes: our bug, told rather than hidden.
    case unusable(String)

    var description: String {
        switch self {
        case .file(let error): error.description
        case .undecided(let error): "it is not known whether a new manifest is on disk: \(error)"
        case .damage(let corruption): corruption.description
        case .log(let error): error.description
        case .superseded: "the collection changed meanwhile"
        case .stopped: "the database is being closed"
        case .unusable(let problem): problem
        }
    }

    /// Worth telling: the others are part of ordinary life.
    var isFailure: Bool {
        switch self {
        case .superseded, .stopped: false
        case .file, .undecided, .damage, .log, .unusable: true
        }
    }
}

extension CheckedFileError {
    /// As a failure to write.
    var asMaintenanceError: MaintenanceError {
        switch self {
        case .corruption(let corruption): .damage(corruption)
        case .unsupportedVersion: .unusable(description)
        case .file(let error): .file(error)
        case .undecided(let error): .undecided(error)
        }
    }

    /// As a failure to read: a file that cannot be used is as bad as a damaged one.
    func asCorruption(of path: String) -> Corruption {
        switch self {
        case .corruption(let corruption): corruption
        case .unsupportedVersion, .file, .undecided:
            Corruption(file: path, offset: 0, what: "file", expected: "one that can be read", found: description)
        }
    }
}
