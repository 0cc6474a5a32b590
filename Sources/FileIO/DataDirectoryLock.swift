#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The use of a data directory, alone or together with other readers, from `init` until the last reference goes or the process ends, however it ends.
///
/// It is a `flock` on the file `LOCK` in the directory. The kernel releases it with the process, so a lock file that a crash left behind locks
/// nothing. The file's text says who writes here, for the message to the next one; it is never removed, since removing would race.
///
/// A directory without the file, such as a backup, can be shared all the same: readers then lock the directory itself, which a writer locks too.
public final class DataDirectoryLock: DirectoryLock {
    /// The process that writes, or wrote, in a directory.
    public struct Holder: Hashable, Sendable, CustomStringConvertible {
        /// The process id.
        public let process: Int32
        /// The name of the machine.
        public let host: String
        /// When the lock was taken, as `2026-01-31T23:59:59Z`.
        public let since: String

        public init(process: Int32, host: String, since: String) {
            self.process = process
            self.host = host
            self.since = since
        }

        public var description: String { "process \(process) on \(host) since \(since)" }
    }

    /// Why the lock could not be taken.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Another process, or another part of this one, writes there. `holder` is nil when the lock file does not say who.
        case held(directory: String, holder: Holder?)
        /// Exclusive use was asked for, and others read there.
        case heldByReaders(directory: String)
        /// The lock file could not be opened, locked or written.
        case file(FileError)

        public var description: String {
            switch self {
            case .held(let directory, let holder):
                "the data directory \(directory) is in use by \(holder?.description ?? "another process"); stop it first, or choose another directory"
            case .heldByReaders(let directory):
                "the data directory \(directory) is open for reading in another process; stop it first, or choose another directory"
            case .file(let error): error.description
            }
        }
    }

    /// The name of the lock file in the data directory.
    public static let fileName = "LOCK"

    public let mode: DirectoryLockMode

    /// Who we are; in exclusive mode the lock file says so.
    public let holder: Holder

    /// −1 where a reader found no lock file.
    private let lockFile: Int32
    /// −1 where a reader locked the file instead, or the file system cannot lock directories.
    private let directoryItself: Int32

    /// Takes the lock of `directory`, which must exist, or throws at once.
    public init(directory: String, mode: DirectoryLockMode = .exclusive) throws(Failure) {
        self.mode = mode
        holder = Holder(process: getpid(), host: hostName(), since: timestamp())
        switch mode {
        case .exclusive: (lockFile, directoryItself) = try lockExclusively(directory, holder)
        case .shared: (lockFile, directoryItself) = try lockShared(directory)
        }
    }

    deinit {
        for descriptor in [directoryItself, lockFile] where descriptor >= 0 { _ = close(descriptor) }
    }
}

private typealias Failure = DataDirectoryLock.Failure
private typealias Descriptors = (lockFile: Int32, directoryItself: Int32)

private func lockExclusively(_ directory: String, _ holder: DataDirectoryLock.Holder) throws(Failure) -> Descriptors {
    let path = directory + "/" + DataDirectoryLock.fileName
    let file = retryingInterrupts { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }
    guard file >= 0 else { throw .file(FileError(.open, path: path, code: errno)) }
    var isLocked = false
    defer { if !isLocked { _ = close(file) } }
    guard tryLock(file, LOCK_EX) else {
        guard errno == EWOULDBLOCK else { throw .file(FileError(.lock, path: path, code: errno)) }
        // Where one more reader gets in, only readers hold it.
        if tryLock(file, LOCK_SH) { throw .heldByReaders(directory: directory) }
        throw .held(directory: directory, holder: readHolder(file))
    }
    let itself = retryingInterrupts { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard itself >= 0 else { throw .file(FileError(.open, path: directory, code: errno)) }
    defer { if !isLocked { _ = close(itself) } }
    // Network file systems cannot lock a directory: there only a directory with a lock file is shared safely, as the manual says.
    if !tryLock(itself, LOCK_EX) && errno == EWOULDBLOCK { throw .heldByReaders(directory: directory) }
    try writeHolder(holder, to: file, path: path)
    isLocked = true
    return (file, itself)
}

private func lockShared(_ directory: String) throws(Failure) -> Descriptors {
    let path = directory + "/" + DataDirectoryLock.fileName
    let file = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
    guard file < 0 else {
        if tryLock(file, LOCK_SH) { return (file, -1) }
        let code = errno
        let other = code == EWOULDBLOCK ? readHolder(file) : nil
        _ = close(file)
        throw code == EWOULDBLOCK ? .held(directory: directory, holder: other) : .file(FileError(.lock, path: path, code: code))
    }
    guard errno == ENOENT else { throw .file(FileError(.open, path: path, code: errno)) }
    // A writer that comes meanwhile makes the file first and locks the directory then, so that one of us sees the other.
    let itself = retryingInterrupts { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard itself >= 0 else { throw .file(FileError(.open, path: directory, code: errno)) }
    if tryLock(itself, LOCK_SH) { return (-1, itself) }
    let code = errno
    _ = close(itself)
    throw code == EWOULDBLOCK ? .held(directory: directory, holder: nil) : .file(FileError(.lock, path: directory, code: code))
}

private func tryLock(_ descriptor: Int32, _ operation: Int32) -> Bool {
    retryingInterrupts { flock(descriptor, operation | LOCK_NB) } == 0
}

private func writeHolder(_ holder: DataDirectoryLock.Holder, to descriptor: Int32, path: String) throws(Failure) {
    var text = "pid=\(holder.process)\nhost=\(holder.host)\nsince=\(holder.since)\n"
    let written = text.withUTF8 { utf8 in
        // SAFETY: exactly the text's bytes are written, which are not none.
        ftruncate(descriptor, 0) == 0 && pwrite(descriptor, utf8.baseAddress!, utf8.count, 0) == utf8.count
    }
    guard written else { throw .file(FileError(.write, path: path, code: errno)) }
}

private func readHolder(_ descriptor: Int32) -> DataDirectoryLock.Holder? {
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress!, $0.count, 0) }
    guard count > 0, let text = String(validating: bytes[..<count], as: UTF8.self) else { return nil }
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    guard let process = fields["pid"].flatMap({ Int32($0) }), let host = fields["host"], let since = fields["since"] else { return nil }
    return DataDirectoryLock.Holder(process: process, host: String(host), since: String(since))
}

private func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // The last byte stays zero, since a name that is cut off need not end with one.
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    let text = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    return text.isEmpty ? "unknown" : text
}

private func timestamp() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    func padded(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        + "T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
}
