import ByteCoding
import FileIO

/// Writes the sections of a lookup file, which exists under its name only when it is complete and synced.
///
/// Cost: one pass over the sections for the checksums and one for the file.
struct LookupFileWriter {
    let segment: Segment
    let fileSystem: any FileSystem

    /// A file of the same name is replaced.
    /// - Parameters:
    ///   - sections: by `LookupSection.allCases`.
    ///   - pace: called after each piece of about a MiB; may wait, or throw.
    func write(_ sections: [ByteBlock], pace: () throws(IndexBuildError) -> Void) throws(IndexBuildError) {
        let layout = LookupFileHeader(lengths: sections.map(\.count), tableChecksum: 0)
        var body = ByteWriter(capacity: layout.sectionBytes)
        for (section, place) in zip(sections, layout.sections) {
            body.appendZeros(place.lowerBound - LookupFileFormat.sectionsOffset - body.count)
            section.withUnsafeBytes { body.append(contentsOf: $0) }
        }
        body.appendZeros(layout.sectionBytes - body.count)
        let content = body.finish()
        var table = ByteWriter(capacity: 4 * LookupFileFormat.blockCount(sectionBytes: content.count))
        for block in Self.blocks(of: content.count) {
            content.withUnsafeBytes { table.append(crc32c(UnsafeRawBufferPointer(rebasing: $0[block]))) }
        }
        let checksums = table.finish()
        let header = LookupFileHeader(lengths: sections.map(\.count), tableChecksum: checksums.withUnsafeBytes { crc32c($0) })
        let path = segment.lookupPath
        let temporary = path + SegmentFormat.temporarySuffix
        do throws(IndexBuildError) {
            try write(header, content, checksums, to: temporary, pace)
            do throws(FileError) {
                try fileSystem.rename(temporary, to: path)
                try fileSystem.syncDirectory(parentDirectory(of: path))
            } catch { throw .file(error) }
        } catch {
            // The first error tells the cause. What cannot be removed is swept at the next start.
            try? fileSystem.remove(temporary)
            throw error
        }
    }

    private func write(
        _ header: LookupFileHeader, _ content: ByteBlock, _ checksums: ByteBlock, to path: String, _ pace: () throws(IndexBuildError) -> Void
    ) throws(IndexBuildError) {
        let file: any File
        do throws(FileError) {
            if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
            file = try fileSystem.create(path)
        } catch { throw .file(error) }
        var head = header.encoded(of: segment)
        head.appendZeros(LookupFileFormat.sectionsOffset - head.count)
        try write(head.finish(), 0..<LookupFileFormat.sectionsOffset, to: file, at: 0)
        for block in Self.blocks(of: content.count) {
            try write(content, block, to: file, at: LookupFileFormat.sectionsOffset + block.lowerBound)
            try pace()
        }
        try write(checksums, 0..<checksums.count, to: file, at: LookupFileFormat.sectionsOffset + content.count)
        do throws(FileError) {
            try file.sync()
            try file.close()
        } catch { throw .file(error) }
    }

    private func write(_ bytes: ByteBlock, _ range: Range<Int>, to file: any File, at offset: Int) throws(IndexBuildError) {
        do throws(FileError) {
            try bytes.withUnsafeBytes { bytes throws(FileError) in
                try file.write(UnsafeRawBufferPointer(rebasing: bytes[range]), at: offset)
            }
        } catch { throw .file(error) }
    }

    private static func blocks(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: LookupFileFormat.blockBytes).map { $0..<min($0 + LookupFileFormat.blockBytes, count) }
    }
}
