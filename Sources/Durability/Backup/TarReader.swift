internal import ByteCoding
public import FileIO

/// Reads an archive that `TarWriter` made. Every byte is checked before it counts: headers, padding and end when it is opened, contents when they
/// are read. Archives of other programs are refused: they have no checksums.
public final class TarReader {
    /// A file in the archive.
    public struct Member: Hashable, Sendable {
        /// Relative, and safe to append to a directory's path.
        public let name: String
        public let bytes: Int
        /// Where the contents begin in the archive.
        public let offset: Int
        /// The CRC-32C of the contents.
        public let checksum: UInt32
    }

    /// In the order of the archive; names come once.
    public let members: [Member]
    /// The time that was given when the archive was made, in seconds since 1970, UTC.
    public let modified: Int

    private let file: any File
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens an archive and reads its headers and checksums. Cost: a few reads for each member; no contents are read.
    public init(_ path: String, _ fileSystem: any FileSystem) throws(TarError) {
        file = try tarCall { () throws(FileError) in try fileSystem.open(path, .readOnly) }
        let outline = try TarOutline(file)
        members = outline.members
        modified = outline.modified
        buffer = .allocate(byteCount: TarWriter.pieceBytes, alignment: 4096)
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads a member's contents, in order and in pieces, and checks them.
    ///
    /// What `body` is given is certain only after this has returned; `body` may throw `cancelled`.
    public func read(_ member: Member, _ body: (_ piece: UnsafeRawBufferPointer, _ offset: Int) throws(TarError) -> Void) throws(TarError) {
        var checksum: UInt32 = 0
        var done = 0
        while done < member.bytes {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, member.bytes - done)])
            let count = try tarCall { () throws(FileError) in try file.read(into: piece, at: member.offset + done) }
            guard count == piece.count else {
                throw corruption(member.offset + done, "contents", expected: "\(piece.count) bytes", found: "\(count) bytes")
            }
            checksum = crc32c(extending: checksum, with: UnsafeRawBufferPointer(piece))
            try body(UnsafeRawBufferPointer(piece), done)
            done += count
        }
        guard checksum == member.checksum else {
            throw corruption(
                member.offset, "checksum of \(member.name)", expected: hexadecimal(member.checksum), found: hexadecimal(checksum))
        }
    }

    /// Checks a member's contents. Cost: reads them.
    public func check(_ member: Member) throws(TarError) {
        try read(member) { _, _ in }
    }

    /// Writes a member to a new file, checked and synced; the name is certain once the directory is synced too. After an error the file is removed
    /// again, unless that fails too. `pace` is called after each piece and may throw `cancelled`.
    public func extract(
        _ member: Member, to path: String, _ fileSystem: any FileSystem, pace: (_ pieceBytes: Int) throws(TarError) -> Void = { _ in }
    ) throws(TarError) {
        let target = try tarCall { () throws(FileError) in try fileSystem.create(path) }
        do throws(TarError) {
            try read(member) { (piece, offset) throws(TarError) in
                try tarCall { () throws(FileError) in try target.write(piece, at: offset) }
                try pace(piece.count)
            }
            try tarCall { () throws(FileError) in
                try target.sync()
                try target.close()
            }
        } catch {
            // The first error tells the cause.
            try? fileSystem.remove(path)
            throw error
        }
    }

    private func corruption(_ offset: Int, _ what: String, expected: String, found: String) -> TarError {
        .corruption(Corruption(file: file.path, offset: offset, what: "archive, \(what)", expected: expected, found: found))
    }
}
