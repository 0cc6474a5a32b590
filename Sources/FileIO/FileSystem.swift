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

    /// Removes a name; the bytes go with the last handle or mapping.
    func remove(_ path: String) throws(FileError)

    /// The names in a directory, without `.` and `..`, in ascending order.
    func list(_ directory: String) throws(FileError) -> [String]

    /// Creates one directory. Does nothing if it exists.
    func createDirectory(_ path: String) throws(FileError)

    /// Makes creations, renames and removals in a directory survive a crash.
    func syncDirectory(_ path: String) throws(FileError)
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

/// A file's bytes in memory, for as long as the object lives.
public protocol FileMapping: AnyObject, Sendable {
    /// The mapped bytes. Valid while the mapping is referenced: keep it alive around every use.
    ///
    /// The file must not become shorter meanwhile. A device that cannot read a page ends the process with SIGBUS, as with every mapping.
    var bytes: UnsafeRawBufferPointer { get }
}

extension File {
    /// Writes one buffer from `offset`, all of it or it throws.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try write([buffer], at: offset)
    }

    /// Overwrites `count` bytes from `offset` with zeros, 1 MiB at a time.
    public func writeZeros(_ count: Int, at offset: Int) throws(FileError) {
        let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, min(count, 1 << 20)), alignment: 4096)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var written = 0
        while written < count {
            let chunk = min(zeros.count, count - written)
            try write(UnsafeRawBufferPointer(rebasing: zeros[..<chunk]), at: offset + written)
            written += chunk
        }
    }
}

/// The directory part of a path: `a/b` gives `a`, `b` gives `.`, `/b` gives `/`.
public func parentDirectory(of path: String) -> String {
    var trimmed = Substring(path)
    while trimmed.count > 1 && trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}
