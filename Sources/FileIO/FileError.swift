#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The operating system refused, or failed at, something on a file.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried.
    public enum Operation: String, Hashable, Sendable {
        case open, create, read, write, sync, preallocate, truncate, map, close, rename, remove, link, list, lock
        case fileStatus = "read the status of"
        case createDirectory = "create directory"
        case removeDirectory = "remove directory"
        case syncDirectory = "sync directory"
        case freeSpace = "read the free space of"
    }

    public let operation: Operation
    /// The path that the operation was given.
    public let path: String
    /// The system's `errno`.
    public let code: Int32

    public init(_ operation: Operation, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The file system or the user's quota is full: the operation may succeed once there is space.
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// There is no such file or directory.
    public var isMissing: Bool { code == ENOENT }

    /// The process has no right to do this, or nobody has on this file system.
    public var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }

    /// A file of this name exists already.
    public var isExisting: Bool { code == EEXIST }

    /// The file cannot get another name there, but it can be copied: another file system, one without hard links, or too many links.
    public var isLinkUnsupported: Bool {
        operation == .link && (code == EXDEV || code == EPERM || code == EMLINK || code == ENOTSUP || code == EOPNOTSUPP || code == ENOSYS)
    }

    /// A directory that was to be removed has names in it.
    public var isNotEmpty: Bool { code == ENOTEMPTY || code == EEXIST && operation == .removeDirectory }

    /// A hard link between file systems; for simulated disks.
    public static func crossDevice(path: String) -> FileError {
        FileError(.link, path: path, code: EXDEV)
    }

    /// A directory with names in it; for simulated disks.
    public static func notEmpty(path: String) -> FileError {
        FileError(.removeDirectory, path: path, code: ENOTEMPTY)
    }

    /// A directory where a file is needed; for simulated disks.
    public static func isDirectory(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: EISDIR)
    }

    /// A file where a directory is needed; for simulated disks.
    public static func notADirectory(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: ENOTDIR)
    }

    /// A directory that would be moved into itself; for simulated disks.
    public static func invalid(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: EINVAL)
    }

    /// A handle that does not allow this, or is closed; for simulated disks.
    public static func badHandle(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: EBADF)
    }

    /// An input/output error, as a failing device reports it; for simulated disks.
    public static func inputOutput(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: EIO)
    }

    /// A full file system; for simulated disks.
    public static func outOfSpace(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: ENOSPC)
    }

    /// A missing file; for simulated disks.
    public static func missing(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: ENOENT)
    }

    /// A name that is taken; for simulated disks.
    public static func existing(_ operation: Operation, path: String) -> FileError {
        FileError(operation, path: path, code: EEXIST)
    }

    public var description: String {
        "cannot \(operation.rawValue) \(path): \(systemMessage(code)) (errno \(code))"
    }
}

/// The system's text for an `errno`.
private func systemMessage(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "unknown error" }
    return String(cString: text)
}
