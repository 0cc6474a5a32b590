import ByteCoding
import FileIO

/// Writes a file that is derived from a segment, and that exists under its name only when it is complete and synced, as the directory is.
///
/// Cost: one pass over the content for the checksums and one for the file; 4 bytes of memory per MiB.
struct DerivedFileWriter {
    let segment: Segment

    /// A file of the same name is replaced.
    /// - Parameters:
    ///   - content: as many bytes as the header says.
    ///   - pace: called after each piece of about a MiB; may wait, or throw.
    func write(
        _ header: some DerivedFileHeader, _ content: UnsafeRawBufferPointer, to path: String, pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        precondition(content.count == header.contentBytes)
        let blocks = DerivedFileFormat.blocks(contentBytes: content.count)
        var table = ByteWriter(capacity: 4 * blocks.count)
        for block in blocks {
            table.append(crc32c(UnsafeRawBufferPointer(rebasing: content[block])))
            try pace()
        }
        let checksums = table.finish()
        let head = header.encoded(of: segment, tableChecksum: checksums.withUnsafeBytes { crc32c($0) })
        let temporary = path + DerivedFileFormat.temporarySuffix
        do throws(IndexBuildError) {
            try write(head, content, blocks, checksums, to: temporary, pace)
            try fileCall { (files) throws(FileError) in
                try files.rename(temporary, to: path)
                try files.syncDirectory(parentDirectory(of: path))
            }
        } catch {
            // The first error tells the cause. What cannot be removed is swept at the next start.
            try? segment.fileSystem.remove(temporary)
            throw error
        }
    }

    /// Writes and syncs the file under its temporary name.
    private func write(
        _ head: ByteBlock, _ content: UnsafeRawBufferPointer, _ blocks: [Range<Int>], _ checksums: ByteBlock, to path: String,
        _ pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        let file = try fileCall { (files) throws(FileError) in
            let file = try files.createAnew(path)
            try head.withUnsafeBytes { bytes throws(FileError) in try file.write(bytes, at: 0) }
            return file
        }
        for block in blocks {
            try fileCall { (_) throws(FileError) in
                try file.write(UnsafeRawBufferPointer(rebasing: content[block]), at: DerivedFileFormat.contentOffset + block.lowerBound)
            }
            try pace()
        }
        try fileCall { (_) throws(FileError) in
            let end = DerivedFileFormat.contentOffset + content.count
            try checksums.withUnsafeBytes { bytes throws(FileError) in try file.write(bytes, at: end) }
            try file.sync()
            try file.close()
        }
    }

    private func fileCall<Value>(_ body: (any FileSystem) throws(FileError) -> Value) throws(IndexBuildError) -> Value {
        do throws(FileError) { return try body(segment.fileSystem) } catch { throw .file(error) }
    }
}
