import ByteCoding
import FileIO
import Indexes
import VectorModel

/// Writes an index's image to its file, which exists under its name only when it is complete and synced.
///
/// Cost: one pass over the image for the checksums and one for the file; 4 bytes of memory per MiB.
struct IndexFileWriter {
    let segment: Segment
    let fileSystem: any FileSystem

    /// A file of the same name is replaced.
    /// - Parameter pace: called after each piece of about a MiB; may wait, or throw.
    /// - Returns: what the file's header says.
    func write(
        _ image: UnsafeRawBufferPointer, _ description: IndexDescription, pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) -> IndexFileHeader {
        var table = ByteWriter(capacity: 4 * IndexFileFormat.blockCount(imageBytes: image.count))
        for start in stride(from: 0, to: image.count, by: IndexFileFormat.blockBytes) {
            table.append(crc32c(piece(of: image, from: start)))
            try pace()
        }
        let checksums = table.finish()
        let header = IndexFileHeader(
            segment, dimension: description.dimension, rowCount: description.rowCount, parameters: description.parameters,
            seed: description.seed, imageBytes: image.count, tableChecksum: checksums.withUnsafeBytes { crc32c($0) })
        let path = segment.indexPath(header.parameters.kind)
        let temporary = path + IndexFileFormat.temporarySuffix
        do throws(IndexBuildError) {
            try write(image, header, checksums, to: temporary, pace)
            do throws(FileError) {
                try fileSystem.rename(temporary, to: path)
                try fileSystem.syncDirectory(parentDirectory(of: path))
            } catch { throw .file(error) }
        } catch {
            // The first error tells the cause. What cannot be removed is swept at the next start.
            try? fileSystem.remove(temporary)
            throw error
        }
        return header
    }

    private func write(
        _ image: UnsafeRawBufferPointer, _ header: IndexFileHeader, _ checksums: ByteBlock, to path: String,
        _ pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        let file = try fileCall { () throws(FileError) in try create(path) }
        var head = header.encoded()
        head.appendZeros(IndexFileFormat.imageOffset - head.count)
        let headBytes = head.finish()
        try fileCall { () throws(FileError) in
            try headBytes.withUnsafeBytes { bytes throws(FileError) in try file.write(bytes, at: 0) }
        }
        for start in stride(from: 0, to: image.count, by: IndexFileFormat.blockBytes) {
            try fileCall { () throws(FileError) in try file.write(piece(of: image, from: start), at: IndexFileFormat.imageOffset + start) }
            try pace()
        }
        try fileCall { () throws(FileError) in
            try checksums.withUnsafeBytes { bytes throws(FileError) in
                try file.write(bytes, at: IndexFileFormat.imageOffset + image.count)
            }
            try file.sync()
            try file.close()
        }
    }

    /// Creates the file; one that an earlier attempt left behind is removed first.
    private func create(_ path: String) throws(FileError) -> any File {
        do throws(FileError) { return try fileSystem.create(path) } catch {
            guard error.isExisting else { throw error }
        }
        try fileSystem.remove(path)
        return try fileSystem.create(path)
    }

    private func piece(of image: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: image[start..<min(start + IndexFileFormat.blockBytes, image.count)])
    }

    private func fileCall<Value>(_ body: () throws(FileError) -> Value) throws(IndexBuildError) -> Value {
        do throws(FileError) { return try body() } catch { throw .file(error) }
    }
}

/// What a new index is.
struct IndexDescription {
    let parameters: IndexParameters
    let dimension: Int
    let rowCount: Int
    let seed: UInt64
}
