public import Durability
public import FileIO

/// Why a database could not be opened. The description says what to do.
public enum OpeningFailure: Error, Sendable, CustomStringConvertible {
    /// The data directory could not be made.
    case directory(FileError)
    /// The data directory is in use, or cannot be locked.
    case lock(DataDirectoryLock.Failure)
    /// Neither copy of the catalog can be used.
    case catalog(CheckedFileError)
    /// The log is damaged or cannot be read.
    case log(LogOpenError)
    /// What a crash left behind could not be told from data, or not be removed.
    case sweep(FileError)

    public var description: String {
        switch self {
        case .directory(let error): "the data directory cannot be made: \(error); choose another with --data-dir"
        case .lock(let failure): failure.description
        case .catalog(let error):
            "the catalog cannot be read: \(error). Run lyrica verify on the directory, or restore it from a backup; nothing was changed"
        case .log(let error): error.description
        case .sweep(let error) where error.isMissing:
            "there are collections on disk that no catalog names: \(error). Run lyrica verify on the directory; nothing was removed"
        case .sweep(let error): "the data directory cannot be put in order: \(error)"
        }
    }
}

extension FileSystem {
    /// Creates a directory and those above it that are missing, for good: a loss of power does not take their names back.
    func createDirectories(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard part != ".", part != ".." else { continue }
            guard try status(made) == nil else { continue }
            try createDirectory(made)
            try syncDirectory(parentDirectory(of: made))
        }
    }
}
