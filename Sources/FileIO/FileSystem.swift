/// Where files live: the machine's disk, or a simulated one.
///
/// The contract is what a crash leaves behind, and callers may rely on nothing more:
/// 1. Bytes written to a file survive a crash only once `File.sync()` has returned; until then any subset of their sectors may.
/// 2. A name that was created, renamed or removed has changed for good only once `syncDirectory` has returned; until then it may or may not have.
/// 3. A sector of 512 bytes is written whole or not at all.
/// 4. After a failed `sync()` the unsynced bytes of that file may be lost although reads still show them.
///
/// Calls block. All of them may be made from any thread at once.
public protocol FileSystem: Sendable {
    /// Opens a file that exists, for reading only or for reading and writing.
    func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File

    /// Creates an empty file for reading and writing. Throws if the name is taken.
    func create(_ path: String) throws(FileError) -> any File

    /// Gives a file a new name in one step, replacing a file that has it.
    func rename(_ path: String, to newPath: String) throws(FileError)

    /// Removes a file's name; the bytes go with the last name, handle or mapping.
    func remove(_ path: String) throws(FileError)

    /// Gives a file one more name (a hard link): both stand for the same bytes until one is removed. Throws if the new name is taken.
    ///
    /// Where `FileError.isLinkUnsupported` holds, `copyFile` does what the caller wanted.
    func link(_ path: String, to newPath: String) throws(FileError)

    /// What a path stands for, or nil if there is nothing.
    func status(_ path: String) throws(FileError) -> FileStatus?

    /// The names directly in a directory, of files and directories, without `.` and `..`, in ascending order.
    func list(_ directory: String) throws(FileError) -> [String]

    /// Creates one directory. Does nothing if it exists.
    func createDirectory(_ path: String) throws(FileError)

    /// Removes a directory, which must be empty.
    func removeDirectory(_ path: String) throws(FileError)

    /// Makes creations, links, renames and removals of the names directly in a directory survive a crash.
    func syncDirectory(_ path: String) throws(FileError)

    /// How many bytes an unprivileged program may still write to the file system of a directory. Another may write them first.
    func freeBytes(_ directory: String) throws(FileError) -> Int

    /// Takes the lock of a data directory, which must exist, or throws at once. Held until the last reference goes or the process ends.
    ///
    /// `shared` writes nothing and works on a read-only file system.
    func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock
}

/// What a path stands for.
public struct FileStatus: Hashable, Sendable {
    /// A directory; otherwise a file.
    public let isDirectory: Bool
    /// A file's length in bytes; of a directory it means nothing.
    public let bytes: Int
    /// How many names a file has; of a directory it means nothing.
    public let linkCount: Int

    public init(isDirectory: Bool, bytes: Int, linkCount: Int) {
        self.isDirectory = isDirectory
        self.bytes = bytes
        self.linkCount = linkCount
    }
}

/// Who else may hold a data directory's lock.
public enum DirectoryLockMode: Hashable, Sendable {
    /// Nobody: for a process that writes.
    case exclusive
    /// Others in this mode: for processes that only read.
    case shared
}

/// A data directory's lock, held for as long as the object lives.
public protocol DirectoryLock: AnyObject, Sendable {
    var mode: DirectoryLockMode { get }
}

/// How a file is opened.
public enum FileAccess: Sendable {
    case readOnly
    case readWrite
}

/// An open file. Closed by `close()` or with its last reference.
public protocol File: AnyObject, Sendable {
    /// The path that the file was opened with; errors name it, also after a rename.
    var path: String { get }

    /// The length in bytes.
    func size() throws(FileError) -> Int

    /// Reads from `offset` until the buffer is full or the file ends; returns how many bytes were read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int

    /// Writes the buffers one after another from `offset`, all of them or it throws; a failed write may have written a part.
    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws(FileError)

    /// Returns once everything written to the file, and the length needed to read it, is on stable storage.
    ///
    /// After an error the state of unsynced bytes is unknown, and a second call proves nothing.
    func sync() throws(FileError)

    /// Reserves space so that the file is at least `size` bytes long and writing to them cannot run out of space. New bytes read as zero.
    func preallocate(_ size: Int) throws(FileError)

    /// Sets the length; new bytes read as zero.
    func truncate(to size: Int) throws(FileError)

    /// Maps the whole file, as long as it is now, for reading. Writes made through handles show in it.
    func map() throws(FileError) -> any FileMapping

    /// Releases the handle. Calling it again does nothing; other calls after it are errors.
    func close() throws(FileError)
}

/// The directory part of a path: `a/b` gives `a`, `b` gives `.`, `/b` gives `/`.
public func parentDirectory(of path: String) -> String {
    var trimmed = Substring(path)
    while trimmed.count > 1 && trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}
