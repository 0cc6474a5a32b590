public import Durability
public import FileIO

/// Why a database could not be opened. The description says what to do.
public enum OpeningFailure: Error, Sendable, CustomStringConvertible {
    /// The data directory could not be made.
    case directory(FileError)
    /// The data directory is in use, or cannot be locked.
    case lock(DataDirectoryLock.Failure)
    /// The log is damaged or cannot be read.
    case log(LogOpenError)

    public var description: String {
        switch self {
        case .directory(let error): "the data directory cannot be made: \(error); choose another with --data-dir"
        case .lock(let failure): failure.description
        case .log(let error): error.description
        }
    }
}

extension FileSystem {
    /// Creates a directory and those above it that are missing.
    func createDirectories(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard part != ".", part != ".." else { continue }
            try createDirectory(made)
        }
    }
}
