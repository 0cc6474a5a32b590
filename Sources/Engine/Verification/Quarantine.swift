import FileIO
import FoundationEssentials

/// Keeps what a repair replaces or takes out: a directory of its own, in which files have the paths that they had in the data directory.
///
/// A file is there, durably, before anything happens to the original. Nothing is ever removed from it.
final class Quarantine {
    private let directory: DataDirectory
    private let milliseconds: UInt64
    private var madeDirectories: Set<String> = []
    /// Where it is; `nil` before the first file.
    private(set) var path: String?

    /// - Parameter milliseconds: the time since 1970 that names the directory.
    init(_ directory: DataDirectory, milliseconds: UInt64) {
        self.directory = directory
        self.milliseconds = milliseconds
    }

    private var fileSystem: any FileSystem { directory.fileSystem }

    /// Gives the file a second name in quarantine, or copies it where that cannot be.
    /// - Returns: the path of the copy; `nil` if there is no such file.
    @discardableResult
    func keep(_ file: String) throws(FileError) -> String? {
        guard let status = try fileSystem.status(file), !status.isDirectory else { return nil }
        let target = try place(of: file)
        // A repair that changes a file twice has its original already.
        guard try fileSystem.status(target) == nil else { return target }
        do throws(FileError) {
            try fileSystem.link(file, to: target)
        } catch {
            guard error.isLinkUnsupported else { throw error }
            try fileSystem.copyFile(file, to: target)
        }
        try fileSystem.syncDirectory(parentDirectory(of: target))
        return target
    }

    /// Takes a file out, or a directory with everything in it.
    func take(_ path: String) throws(FileError) {
        guard let status = try fileSystem.status(path) else { return }
        if status.isDirectory {
            for name in try fileSystem.list(path) { try take(path + "/" + name) }
            try fileSystem.removeDirectory(path)
        } else {
            try keep(path)
            try fileSystem.remove(path)
        }
        try fileSystem.syncDirectory(parentDirectory(of: path))
    }

    /// A path in quarantine for a file of its own, which does not exist.
    func scratch(for file: String) throws(FileError) -> String {
        let target = try place(of: file) + ".patched"
        if try fileSystem.status(target) != nil { try fileSystem.remove(target) }
        return target
    }

    private func place(of file: String) throws(FileError) -> String {
        let root = try root()
        let target = root + file.dropFirst(directory.path.count)
        try makeDirectories(parentDirectory(of: target), below: root)
        return target
    }

    private func root() throws(FileError) -> String {
        if let path { return path }
        let base = directory.path + "/" + DataDirectory.quarantineName
        try fileSystem.createDirectory(base)
        try fileSystem.syncDirectory(directory.path)
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1000))
        let time = seconds.formatted(.iso8601).filter { (character: Character) in character != ":" && character != "-" }
        let name = base + "/" + time
        var path = name
        var attempt = 1
        while try fileSystem.status(path) != nil {
            attempt += 1
            path = name + "-\(attempt)"
        }
        try fileSystem.createDirectory(path)
        try fileSystem.syncDirectory(base)
        self.path = path
        return path
    }

    private func makeDirectories(_ path: String, below root: String) throws(FileError) {
        guard path.count > root.count, !madeDirectories.contains(path) else { return }
        let parent = parentDirectory(of: path)
        try makeDirectories(parent, below: root)
        try fileSystem.createDirectory(path)
        try fileSystem.syncDirectory(parent)
        madeDirectories.insert(path)
    }
}
