public import ByteCoding
public import FileIO

/// Writes an archive front to back: many files in one, each with a checksum. Memory does not depend on their lengths.
///
/// It is whole only after `finish()`. Give it a temporary name and rename it then; remove it after an error.
public final class TarWriter {
    /// Contents are copied in pieces of this many bytes.
    static let pieceBytes = 1 << 20

    private let file: any File
    private let modified: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var end = 0
    private var lines: [TarChecksums.Line] = []
    private var names: Set<String> = []

    /// Creates the archive's file, whose name must be free.
    /// - Parameter modified: what `tar` shows as the time of all members, in seconds since 1970, UTC; from 0.
    public init(creating path: String, _ fileSystem: any FileSystem, modified: Int) throws(TarError) {
        precondition(modified >= 0)
        file = try tarCall { () throws(FileError) in try fileSystem.create(path) }
        self.modified = modified
        buffer = .allocate(byteCount: Self.pieceBytes, alignment: 4096)
    }

    deinit {
        buffer.deallocate()
    }

    /// Adds the first `bytes` bytes of a file. `pace` is called after each piece and may throw `cancelled`.
    public func append(
        _ name: String, copying source: any File, bytes: Int, pace: (_ pieceBytes: Int) throws(TarError) -> Void = { _ in }
    ) throws(TarError) {
        try begin(name, bytes)
        var checksum: UInt32 = 0
        var copied = 0
        while copied < bytes {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(Self.pieceBytes, bytes - copied)])
            let count = try tarCall { () throws(FileError) in try source.read(into: piece, at: copied) }
            guard count == piece.count else { throw .sourceTooShort(path: source.path, bytes: bytes) }
            checksum = crc32c(extending: checksum, with: UnsafeRawBufferPointer(piece))
            try put(UnsafeRawBufferPointer(piece))
            copied += count
            try pace(count)
        }
        try finishMember(name, bytes, checksum)
    }

    /// Adds bytes as a member.
    public func append(_ name: String, _ contents: ByteBlock) throws(TarError) {
        try begin(name, contents.count)
        try contents.withUnsafeBytes { (bytes) throws(TarError) in try put(bytes) }
        try finishMember(name, contents.count, contents.withUnsafeBytes { crc32c($0) })
    }

    /// Writes the checksums and the end, syncs and closes. The name is certain once the directory is synced too.
    /// - Returns: the length of the archive.
    public func finish() throws(TarError) -> Int {
        let checksums = TarChecksums.encode(lines)
        try put(TarHeader(name: TarFormat.checksumsName, bytes: checksums.count, modified: modified).encoded())
        try checksums.withUnsafeBytes { (bytes) throws(TarError) in try put(bytes) }
        try pad()
        try put([UInt8](repeating: 0, count: TarFormat.endBytes))
        try tarCall { () throws(FileError) in
            try file.sync()
            try file.close()
        }
        return end
    }

    private func begin(_ name: String, _ bytes: Int) throws(TarError) {
        guard TarFormat.isUsable(name), name != TarFormat.checksumsName, names.insert(name).inserted else { throw .unusableName(name) }
        try put(TarHeader(name: name, bytes: bytes, modified: modified).encoded())
    }

    private func finishMember(_ name: String, _ bytes: Int, _ checksum: UInt32) throws(TarError) {
        try pad()
        lines.append(TarChecksums.Line(name: name, bytes: bytes, checksum: checksum))
    }

    private func pad() throws(TarError) {
        try put([UInt8](repeating: 0, count: TarFormat.paddedBytes(end) - end))
    }

    private func put(_ bytes: [UInt8]) throws(TarError) {
        // The closure cannot throw a typed error in every build, so that its result carries it.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(TarError) in try put(buffer) }
        }
        try result.get()
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        guard !bytes.isEmpty else { return }
        try tarCall { () throws(FileError) in try file.write(bytes, at: end) }
        end += bytes.count
    }
}

/// Calls the file system for an archive.
func tarCall<Result>(_ body: () throws(FileError) -> Result) throws(TarError) -> Result {
    do throws(FileError) {
        return try body()
    } catch {
        throw .file(error)
    }
}
