#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Exclusive use of a data directory, from `init` until the last reference goes or the process ends, however it ends.
///
/// It is a `flock` on the file `LOCK` in the directory. The kernel releases it with the process, so a lock file that a crash left behind locks
/// nothing. The file's text says who holds the lock, for the message to the next one; it is never removed, since removing would race.
public final class DataDirectoryLock: Sendable {
    /// Who holds, or held, a lock.
    public struct Holder: Hashable, Sendable, CustomStringConvertible {
        /// The process id.
        public let process: Int32
        /// The name of the machine.
        public let host: String
        /// When the lock was taken, as `2026-01-31T23:59:59Z`.
        public let since: String

        public var description: String { "process \(process) on \(host) since \(since)" }
    }

    /// Why the lock could not be taken.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Another process, or another part of this one, has it. `holder` is nil when the lock file does not say who.
        case held(directory: String, holder: Holder?)
        /// The lock file could not be opened, locked or written.
        case file(FileError)

        public var description: String {
            switch self {
            case .held(let directory, let holder):
                "the data directory \(directory) is in use by \(holder?.description ?? "another process"); stop it first, or choose another directory"
            case .file(let error): error.description
            }
        }
    }

    /// The name of the lock file in the data directory.
    public static let fileName = "LOCK"

    /// What the lock file says about us.
    public let holder: Holder

    private let descriptor: Int32

    /// Takes the lock of `directory`, which must exist, or throws at once.
    public init(directory: String) throws(Failure) {
        let path = directory + "/" + Self.fileName
        let opened = retryingInterrupts { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }
        guard opened >= 0 else { throw .file(FileError(.open, path: path, code: errno)) }
        guard retryingInterrupts({ flock(opened, LOCK_EX | LOCK_NB) }) == 0 else {
            let code = errno
            let other = code == EWOULDBLOCK ? readHolder(opened) : nil
            _ = close(opened)
            throw code == EWOULDBLOCK ? .held(directory: directory, holder: other) : .file(FileError(.lock, path: path, code: code))
        }
        holder = Holder(process: getpid(), host: hostName(), since: timestamp())
        descriptor = opened
        var text = "pid=\(holder.process)\nhost=\(holder.host)\nsince=\(holder.since)\n"
        let written = text.withUTF8 { utf8 in
            // SAFETY: exactly the text's bytes are written, which are not none.
            ftruncate(opened, 0) == 0 && pwrite(opened, utf8.baseAddress!, utf8.count, 0) == utf8.count
        }
        guard written else { throw .file(FileError(.write, path: path, code: errno)) }
    }

    deinit {
        _ = close(descriptor)
    }
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
