#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The machine's own files.
public struct POSIXFileSystem: FileSystem {
    public init() {}

    public func open(_ path: String, _ access: FileAccess) throws(FileError) -> any File {
        let flags: Int32 = switch access {
        case .readOnly: O_RDONLY
        case .readWrite: O_RDWR
        }
        let descriptor = retryingInterrupts { openDescriptor(path, flags | O_CLOEXEC, 0) }
        guard descriptor >= 0 else { throw FileError(.open, path: path, code: errno) }
        return POSIXFile(descriptor: descriptor, path: path)
    }

    public func create(_ path: String) throws(FileError) -> any File {
        let descriptor = retryingInterrupts { openDescriptor(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640) }
        guard descriptor >= 0 else { throw FileError(.create, path: path, code: errno) }
        return POSIXFile(descriptor: descriptor, path: path)
    }

    public func rename(_ path: String, to newPath: String) throws(FileError) {
        guard renamePath(path, newPath) == 0 else { throw FileError(.rename, path: path, code: errno) }
    }

    public func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError(.remove, path: path, code: errno) }
    }

    public func link(_ path: String, to newPath: String) throws(FileError) {
        guard linkPath(path, newPath) == 0 else { throw FileError(.link, path: path, code: errno) }
    }

    public func status(_ path: String) throws(FileError) -> FileStatus? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw FileError(.fileStatus, path: path, code: errno)
        }
        return FileStatus(
            isDirectory: status.st_mode & S_IFMT == S_IFDIR, bytes: Int(status.st_size), linkCount: Int(status.st_nlink))
    }

    public func list(_ directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError(.list, path: directory, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError(.list, path: directory, code: errno) }
                return names.sorted()
            }
            // SAFETY: the entry is valid until the next `readdir`, and its name ends with a zero byte.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    public func createDirectory(_ path: String) throws(FileError) {
        guard mkdir(path, 0o750) != 0 else { return }
        let code = errno
        var status = stat()
        // A file of this name is an error, a directory is what was asked for.
        if code == EEXIST && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR { return }
        throw FileError(.createDirectory, path: path, code: code)
    }

    public func removeDirectory(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 else { throw FileError(.removeDirectory, path: path, code: errno) }
    }

    public func freeBytes(_ directory: String) throws(FileError) -> Int {
        var status = statvfs()
        guard retryingInterrupts({ statvfs(directory, &status) }) == 0 else { throw FileError(.freeSpace, path: directory, code: errno) }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    public func lockDirectory(_ path: String, _ mode: DirectoryLockMode) throws(DataDirectoryLock.Failure) -> any DirectoryLock {
        try DataDirectoryLock(directory: path, mode: mode)
    }

    public func syncDirectory(_ path: String) throws(FileError) {
        let descriptor = retryingInterrupts { openDescriptor(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard descriptor >= 0 else { throw FileError(.syncDirectory, path: path, code: errno) }
        defer { _ = closeDescriptor(descriptor) }
        guard retryingInterrupts({ fsync(descriptor) }) == 0 else { throw FileError(.syncDirectory, path: path, code: errno) }
    }
}

// Inside a method these names would mean the method itself.
private func openDescriptor(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func linkPath(_ from: String, _ to: String) -> Int32 { link(from, to) }
private func renamePath(_ from: String, _ to: String) -> Int32 { rename(from, to) }
private func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// Repeats a call that a signal interrupted before it did anything.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
