internal import ByteCoding
internal import FileIO
internal import VectorModel

/// A log file by its name.
struct LogFileReference: Sendable {
    let name: String
    /// The number in the name.
    let first: SequenceNumber
    /// Where a file of this name lies: in one directory, or in several whose files are the same.
    var paths: [String]
}

/// The files of one log in one or several directories.
struct LogDirectory {
    let directories: [String]
    let fileSystem: any FileSystem

    /// All files of the log, oldest first.
    func files() throws(LogOpenError) -> [LogFileReference] {
        var found: [SequenceNumber: LogFileReference] = [:]
        for directory in directories {
            for name in try list(directory) where name.hasSuffix(LogFormat.fileNameSuffix) {
                let path = directory + "/" + name
                guard let first = LogFormat.firstSequence(fromName: name) else {
                    throw .corruption(Corruption(
                        file: path, offset: 0, what: "name of a log file", expected: "20 digits and \(LogFormat.fileNameSuffix)", found: name))
                }
                found[first, default: LogFileReference(name: name, first: first, paths: [])].paths.append(path)
            }
        }
        return found.values.sorted { $0.first < $1.first }
    }

    /// Which of `files` hold records after `floor`, and the number of the last record before them.
    ///
    /// The others may be missing, or not, in any combination: a crash while they left the log keeps any of them. So they are not even opened.
    func filesNeeded(of files: [LogFileReference], after floor: SequenceNumber) throws(LogOpenError) -> (start: Int, previous: SequenceNumber) {
        var start = files.count
        var previous = floor
        while start > 0 {
            start -= 1
            previous = try LogFileHeader.read(try soundPath(of: files[start]), on: fileSystem).previous
            if previous <= floor { break }
        }
        return (start, previous)
    }

    /// The first place where a file's header is sound; if it is nowhere, the error of the first.
    func soundPath(of file: LogFileReference) throws(LogOpenError) -> String {
        var first: LogOpenError?
        for path in file.paths {
            if file.paths.count == 1 { return path }
            do {
                _ = try LogFileHeader.read(path, on: fileSystem)
                return path
            } catch {
                first = first ?? error
            }
        }
        throw first ?? .file(.missing(.open, path: file.name))
    }

    private func list(_ directory: String) throws(LogOpenError) -> [String] {
        do {
            return try fileSystem.list(directory)
        } catch {
            throw .file(error)
        }
    }
}
