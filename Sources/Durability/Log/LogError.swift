public import ByteCoding
public import FileIO

/// Why the log could not do what it was asked.
public enum LogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Too many bytes wait for the disk. Nothing was appended; the caller may try again.
    case overloaded(pendingBytes: Int, limit: Int)
    /// The disk is full, and these changes needed a new file. They are not in the log and never will be; the log goes on, and new appends
    /// succeed once there is space.
    case outOfSpace(FileError)
    /// One record is longer than the format or the options allow. The caller's mistake.
    case recordTooLarge(bytes: Int, limit: Int)
    /// A write or a sync failed. Whether the changes in flight are on disk is unknown, and the file is not to be trusted: every later
    /// append fails too. Opening the log again finds out what survived.
    case failed(FileError)
    /// The log was closed.
    case closed

    /// Trying again later, without doing anything else, may succeed.
    public var isRetryable: Bool {
        switch self {
        case .overloaded, .outOfSpace: true
        case .recordTooLarge, .failed, .closed: false
        }
    }

    public var description: String {
        switch self {
        case .overloaded(let pending, let limit):
            "the write-ahead log is overloaded: \(pending) bytes wait for the disk, at most \(limit) may; try again"
        case .outOfSpace(let error): "the disk is full: \(error); free some space and try again"
        case .recordTooLarge(let bytes, let limit): "one write of \(bytes) bytes is more than the write-ahead log takes (\(limit)); split it"
        case .failed(let error): "the write-ahead log failed and accepts nothing more: \(error); check the disk, then restart the server"
        case .closed: "the write-ahead log is closed"
        }
    }
}

/// Why a log could not be opened.
public enum LogOpenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Acknowledged bytes are damaged or missing. Opening changed nothing.
    case corruption(Corruption)
    /// A file of a newer format than this program knows. Opening changed nothing.
    case unsupportedVersion(file: String, found: UInt32, newestKnown: UInt32)
    /// The operating system refused something.
    case file(FileError)

    public var description: String {
        switch self {
        case .corruption(let corruption):
            "\(corruption). Acknowledged writes are affected, so the log is not opened and nothing was changed: "
                + "restore this file from a backup, or keep a copy of the directory before any repair"
        case .unsupportedVersion(let file, let found, let newest):
            "\(file) has format version \(found), this program knows versions up to \(newest): use the newer program that wrote it"
        case .file(let error): error.description
        }
    }
}
