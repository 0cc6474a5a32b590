import ByteCoding
import FileIO
import Filtering
import Indexes
import TextSearch

/// A segment's lookup file that was found, of which only the header was looked at.
struct LookupFile {
    let segment: Segment
    let header: LookupFileHeader
    private let path: String
    private let fileSystem: any FileSystem

    /// Reads the header of a segment's lookup file; `nil` if there is none. Cost: one read of 256 bytes.
    /// - Throws: also for a file that belongs to another segment, or is from another version of the program.
    init?(of segment: Segment, _ fileSystem: any FileSystem) throws(SegmentError) {
        let path = segment.lookupPath
        var head = [UInt8](repeating: 0, count: LookupFileFormat.headerBytes)
        let file: any File
        do throws(FileError) { file = try fileSystem.open(path, .readOnly) } catch {
            guard error.isMissing else { throw .file(error) }
            return nil
        }
        let (count, fileBytes): (Int, Int)
        do throws(FileError) {
            count = try head.withUnsafeMutableBytes { buffer in
                Result { () throws(FileError) in try file.read(into: buffer, at: 0) }
            }.get()
            fileBytes = try file.size()
            try file.close()
        } catch { throw .file(error) }
        header = try head.withBytes { bytes throws(SegmentError) in
            try LookupFileHeader(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]), file: path, of: segment)
        }
        (self.segment, self.path, self.fileSystem) = (segment, path, fileSystem)
        let expected = LookupFileFormat.fileBytes(sectionBytes: header.sectionBytes)
        guard fileBytes == expected else {
            throw .corruption(corruption(0, "length", expected: "\(expected) bytes", found: "\(fileBytes) bytes"))
        }
    }

    /// Maps the file, compares every byte with its checksum, and opens the sections.
    ///
    /// Cost: reads the file once, and the sections' own checks.
    /// - Parameter pace: called after each MiB; may wait, or throw.
    func load(pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentLookup {
        let mapping: any FileMapping
        do throws(FileError) {
            let file = try fileSystem.open(path, .readOnly)
            mapping = try file.map()
            try file.close()
        } catch { throw .file(error) }
        let bytes = mapping.bytes
        mapping.advise(.sequential, in: 0..<bytes.count)
        try checkHead(bytes)
        let end = LookupFileFormat.sectionsOffset + header.sectionBytes
        let table = UnsafeRawBufferPointer(rebasing: bytes[end...])
        try check(table, against: header.tableChecksum, at: end)
        for block in 0..<LookupFileFormat.blockCount(sectionBytes: header.sectionBytes) {
            let start = LookupFileFormat.sectionsOffset + block * LookupFileFormat.blockBytes
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + LookupFileFormat.blockBytes, end)])
            try check(piece, against: table.loadUnaligned(fromByteOffset: 4 * block, as: UInt32.self), at: start)
            do throws(IndexBuildError) { try pace() } catch { throw .cancelled }
        }
        let lookup = try open(bytes, owner: mapping)
        // Checking them has brought in every page; those that filters do not touch need not count as this process's memory.
        mapping.advise(.dontNeed, in: LookupFileFormat.sectionsOffset..<end)
        mapping.advise(.normal, in: LookupFileFormat.sectionsOffset..<end)
        return lookup
    }

    private func open(_ bytes: UnsafeRawBufferPointer, owner: any Sendable) throws(IndexLoadError) -> SegmentLookup {
        func bytesOf(_ section: LookupSection) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[header[section]]) }
        func text(_ section: LookupSection) -> TextImage? {
            header[section].isEmpty ? nil : TextImage(borrowing: bytesOf(section), owner: owner)
        }
        let columnCount = segment.layout[.columns].count
        let columns: ColumnIndex
        do throws(ColumnIndexDamage) {
            columns = try ColumnIndex(bytesOf(.columns), owner: owner, rowCount: segment.rowCount, columnCount: columnCount)
        } catch { throw damage(.columns, error.offset, error.reason) }
        var trigrams: TrigramIndex?
        do throws(TextImageDamage) {
            if let image = text(.trigrams) { trigrams = try TrigramIndex(image, rowCount: segment.rowCount) }
        } catch { throw damage(.trigrams, error.offset, error.reason) }
        var terms: TermIndex?
        do throws(TextImageDamage) {
            if let image = text(.terms) { terms = try TermIndex(image, rowCount: segment.rowCount) }
        } catch { throw damage(.terms, error.offset, error.reason) }
        do throws(IndexImageDamage) {
            let sparse = try SparseLookup(bytesOf(.sparse), owner: owner, rowCount: segment.rowCount, columnCount: columnCount)
            return SegmentLookup(columns: columns, trigrams: trigrams, terms: terms, sparse: sparse, byteCount: bytes.count)
        } catch { throw damage(.sparse, error.offset, error.reason) }
    }

    private func damage(_ section: LookupSection, _ offset: Int, _ reason: String) -> IndexLoadError {
        .unusable(.corruption(corruption(
            header[section].lowerBound + offset, "section \(section)", expected: "an index of the segment's rows", found: reason)))
    }

    /// The bytes before the sections: the header, which may be that of a newer file by now, then zeros.
    private func checkHead(_ bytes: UnsafeRawBufferPointer) throws(IndexLoadError) {
        do throws(SegmentError) {
            let found = try LookupFileHeader(
                decoding: UnsafeRawBufferPointer(rebasing: bytes.prefix(LookupFileFormat.headerBytes)), file: path, of: segment)
            let expected = LookupFileFormat.fileBytes(sectionBytes: header.sectionBytes)
            guard found == header, bytes.count == expected else {
                throw .corruption(corruption(0, "length", expected: "\(expected) bytes, as before", found: "\(bytes.count) bytes"))
            }
        } catch {
            throw .unusable(error)
        }
        let padding = bytes[LookupFileFormat.headerBytes..<LookupFileFormat.sectionsOffset]
        guard let place = padding.firstIndex(where: { $0 != 0 }) else { return }
        throw .unusable(.corruption(corruption(place, "padding", expected: "0", found: "another value")))
    }

    private func check(_ bytes: UnsafeRawBufferPointer, against expected: UInt32, at offset: Int) throws(IndexLoadError) {
        let found = crc32c(bytes)
        guard found != expected else { return }
        throw .unusable(.corruption(corruption(
            offset, "block of \(bytes.count) bytes, checksum", expected: hexadecimal(expected), found: hexadecimal(found))))
    }

    private func corruption(_ offset: Int, _ what: String, expected: String, found: String) -> Corruption {
        Corruption(file: path, offset: offset, what: "lookup file \(what)", expected: expected, found: found)
    }
}
