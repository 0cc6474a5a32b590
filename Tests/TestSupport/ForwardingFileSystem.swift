public import FileIO

/// A file system that passes every call on to another, for test doubles that differ in one or two of them.
public protocol ForwardingFileSystem: FileSystem {
    var base: any FileSystem { get }
}

extension ForwardingFileSystem {
    public func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File { try base.open(path, access) }
    public func create(_ path: String) throws(FileError) -> any File { try base.create(path) }
    public func rename(_ path: String, to newPath: String) throws(FileError) { try base.rename(path, to: newPath) }
    public func remove(_ path: String) throws(FileError) { try base.remove(path) }
    public func link(_ path: String, to newPath: String) throws(FileError) { try base.link(path, to: newPath) }
    public func status(_ path: String) throws(FileError) -> FileStatus? { try base.status(path) }
    public func list(_ directory: String) throws(FileError) -> [String] { try base.list(directory) }
    public func createDirectory(_ path: String) throws(FileError) { try base.createDirectory(path) }
    public func removeDirectory(_ path: String) throws(FileError) { try base.removeDirectory(path) }
    public func syncDirectory(_ path: String) throws(FileError) { try base.syncDirectory(path) }
    public func freeBytes(_ directory: String) throws(FileError) -> Int { try base.freeBytes(directory) }

    public func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock {
        try base.lockDirectory(path, mode)
    }
}
