public import FileIO

/// Why complete log files could not be put into the archive.
public enum LogArchiveFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operating system refused something.
    case file(FileError)
    /// The archive has another file of this name, perhaps another log's.
    case nameTaken(path: String)
    /// The log's own file cannot be read, or the archive's.
    case unreadable(LogOpenError)

    public var description: String {
        switch self {
        case .file(let error): "the write-ahead log cannot be archived, and keeps its files meanwhile: \(error)"
        case .nameTaken(let path):
            "the write-ahead log cannot be archived, and keeps its files meanwhile: \(path) is another log's file; use an empty directory"
        case .unreadable(let error): "the write-ahead log cannot be archived, and keeps its files meanwhile: \(error)"
        }
    }
}

/// A directory that keeps complete log files under their names.
///
/// A name in it stands for a whole file: it is a hard link, or a copy that was synced before it got its name.
struct LogArchive: Sendable {
    let directory: String
    let logDirectory: String
    let fileSystem: any FileSystem

    /// Makes the log's files `names` be there for good.
    func keep(_ names: [String]) throws(LogArchiveFailure) {
        try attempt { () throws(FileError) in
            try fileSystem.createDirectory(directory)
            try fileSystem.syncDirectory(parentDirectory(of: directory))
        }
        for name in names {
            guard try !has(name) else { continue }
            try attempt { () throws(FileError) in try add(name) }
        }
        try attempt { () throws(FileError) in try fileSystem.syncDirectory(directory) }
    }

    private func has(_ name: String) throws(LogArchiveFailure) -> Bool {
        let kept = directory + "/" + name
        guard try attempt({ () throws(FileError) in try fileSystem.status(kept) }) != nil else { return false }
        let headers: (there: LogFileHeader, here: LogFileHeader)
        do {
            headers = (try LogFileHeader.read(kept, on: fileSystem), try LogFileHeader.read(logDirectory + "/" + name, on: fileSystem))
        } catch {
            throw .unreadable(error)
        }
        guard headers.there == headers.here else { throw .nameTaken(path: kept) }
        return true
    }

    private func add(_ name: String) throws(FileError) {
        let source = logDirectory + "/" + name
        do {
            try fileSystem.link(source, to: directory + "/" + name)
        } catch {
            guard error.isLinkUnsupported else { throw error }
            let temporary = directory + "/" + name + LogFormat.temporarySuffix
            if try fileSystem.status(temporary) != nil { try fileSystem.remove(temporary) }
            try fileSystem.copyFile(source, to: temporary)
            try fileSystem.rename(temporary, to: directory + "/" + name)
        }
    }

    private func attempt<Result>(_ body: () throws(FileError) -> Result) throws(LogArchiveFailure) -> Result {
        do {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}
