#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Bytes of known length that are read at a position. Files are one implementation, memory the other.
public protocol ByteSource: Sendable {
    /// How errors name it.
    var name: String { get }
    /// The length in bytes when it was opened.
    var byteCount: Int { get }
    /// Reads exactly `count` bytes at `offset`.
    /// - Throws: `ClientError.file` when they are not there, or can no longer be read.
    func bytes(at offset: Int, count: Int) throws(ClientError) -> [UInt8]
}

/// Bytes in memory.
public struct MemoryBytes: ByteSource {
    public let name: String
    private let content: [UInt8]

    public init(_ content: [UInt8], name: String = "memory") {
        self.content = content
        self.name = name
    }

    public var byteCount: Int { content.count }

    public func bytes(at offset: Int, count: Int) throws(ClientError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= content.count, count <= content.count - offset else {
            throw .file(path: name, problem: "ends before byte \(offset) + \(count)")
        }
        return Array(content[offset..<offset + count])
    }
}

/// A regular file, read at positions by the system and not mapped: a file that somebody cuts short meanwhile is an error here, where a
/// mapping would end the process.
public final class FileBytes: ByteSource {
    public let name: String
    public let byteCount: Int
    private let descriptor: Int32

    /// - Throws: `ClientError.file` when it does not exist, may not be read, or is not a regular file.
    public init(path: String) throws(ClientError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .systemCall("cannot open", path: path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = ClientError.systemCall("cannot read its size", path: path)
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .file(path: path, problem: "is not a regular file")
        }
        self.name = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    public func bytes(at offset: Int, count: Int) throws(ClientError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw .file(path: name, problem: "ends before byte \(offset) + \(count)")
        }
        var failure: ClientError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                // SAFETY: the destination is the unused rest of a buffer of `count` bytes.
                let got = pread(descriptor, buffer.baseAddress! + initialized, count - initialized, off_t(offset + initialized))
                if got > 0 {
                    initialized += got
                } else if got == 0 {
                    failure = .file(path: name, problem: "became shorter while it was read")
                    return
                } else if errno != EINTR {
                    failure = .systemCall("cannot read", path: name)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
