#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is written under a temporary name beside its place and appears there, whole and synced, on `commit`.
///
/// Until then the old content stays. Dropped without `commit`, it removes what was written.
public final class ReplacedFile {
    public let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var isCommitted = false

    /// - Throws: `ClientError.file` when the folder does not take a new file.
    public init(path: String) throws(ClientError) {
        self.path = path
        self.temporaryPath = path + ".partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .systemCall("cannot create", path: temporaryPath) }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(temporaryPath) }
    }

    /// Appends at the end.
    public func append(_ bytes: [UInt8]) throws(ClientError) {
        try writeAll(bytes) { pointer, count, _ in write(descriptor, pointer, count) }
    }

    /// Writes over bytes that were appended before.
    public func overwrite(_ bytes: [UInt8], at offset: Int) throws(ClientError) {
        try writeAll(bytes) { pointer, count, done in pwrite(descriptor, pointer, count, off_t(offset + done)) }
    }

    /// Makes the content durable and gives the file its name; replaces a file of that name in one step.
    public func commit() throws(ClientError) {
        guard fsync(descriptor) == 0 else { throw .systemCall("cannot sync", path: temporaryPath) }
        guard rename(temporaryPath, path) == 0 else { throw .systemCall("cannot rename to", path: path) }
        isCommitted = true
        try syncFolder()
    }

    /// The new name survives a power loss only once the folder is synced too.
    private func syncFolder() throws(ClientError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { throw .systemCall("cannot open", path: folder) }
        defer { close(folderDescriptor) }
        guard fsync(folderDescriptor) == 0 else { throw .systemCall("cannot sync", path: folder) }
    }

    /// Calls until all is written; the call gets the rest, its length and how much came before it.
    private func writeAll(_ bytes: [UInt8], by call: (_ rest: UnsafeRawPointer, _ count: Int, _ done: Int) -> Int) throws(ClientError) {
        var written = 0
        while written < bytes.count {
            // SAFETY: the pointer and the length stay inside the array, which lives across the call.
            let count = bytes.withUnsafeBytes { call($0.baseAddress! + written, bytes.count - written, written) }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw .systemCall("cannot write", path: temporaryPath)
            }
        }
    }
}
