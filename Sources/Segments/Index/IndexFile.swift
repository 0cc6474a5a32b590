import ByteCoding
import FileIO
import Indexes

/// An index file of a segment that was found, of which only the header was looked at.
struct IndexFile {
    let segment: Segment
    let path: String
    let header: IndexFileHeader
    private let fileSystem: any FileSystem

    /// Reads the header of the index file of one kind; `nil` if there is no such file.
    ///
    /// Cost: one read of 128 bytes.
    /// - Throws: also for a file that belongs to another segment, or is from another version of the program.
    init?(of segment: Segment, _ kind: IndexKind, _ fileSystem: any FileSystem) throws(SegmentError) {
        let path = segment.indexPath(kind)
        var head = [UInt8](repeating: 0, count: IndexFileFormat.headerBytes)
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
        let header = try head.withBytes { bytes throws(SegmentError) in
            try IndexFileHeader(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]), file: path, of: segment)
        }
        guard header.parameters.kind == kind, fileBytes == IndexFileFormat.fileBytes(imageBytes: header.imageBytes) else {
            throw .corruption(Corruption(
                file: path, offset: 0, what: "index file length",
                expected: "\(IndexFileFormat.fileBytes(imageBytes: header.imageBytes)) bytes of \(kind)", found: "\(fileBytes) bytes"))
        }
        (self.segment, self.path, self.header, self.fileSystem) = (segment, path, header, fileSystem)
    }

    /// Maps the file, compares every byte with its checksum, and checks the structure: after this no byte of it can make a search read outside.
    ///
    /// Cost: reads the file once, about a second per GB from memory, and the structure's own check.
    /// - Parameter pace: called after each MiB; may wait, or throw.
    func load(pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) -> SegmentIndex {
        let mapping: any FileMapping
        do throws(FileError) {
            let file = try fileSystem.open(path, .readOnly)
            mapping = try file.map()
            try file.close()
        } catch { throw .file(error) }
        let bytes = mapping.bytes
        mapping.advise(.sequential, in: 0..<bytes.count)
        // The file may have been replaced by a newer one since its header was read.
        let header = try checkedHead(bytes)
        let imageEnd = IndexFileFormat.imageOffset + header.imageBytes
        let table = UnsafeRawBufferPointer(rebasing: bytes[imageEnd...])
        try check(table, against: header.tableChecksum, at: imageEnd, "table of checksums")
        for block in 0..<IndexFileFormat.blockCount(imageBytes: header.imageBytes) {
            let start = IndexFileFormat.imageOffset + block * IndexFileFormat.blockBytes
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + IndexFileFormat.blockBytes, imageEnd)])
            try check(piece, against: table.loadUnaligned(fromByteOffset: 4 * block, as: UInt32.self), at: start, "block of \(piece.count) bytes")
            do throws(IndexBuildError) { try pace() } catch { throw .cancelled }
        }
        let image = UnsafeRawBufferPointer(rebasing: bytes[IndexFileFormat.imageOffset..<imageEnd])
        let index = try open(IndexImage(borrowing: image, owner: mapping), header)
        // Checking it has brought in every page; those that searches do not touch need not count as this process's memory.
        mapping.advise(.dontNeed, in: IndexFileFormat.imageOffset..<imageEnd)
        mapping.advise(.random, in: IndexFileFormat.imageOffset..<imageEnd)
        return SegmentIndex(index, header.summary, seed: header.seed)
    }

    /// The bytes before the image: the header, then zeros.
    private func checkedHead(_ bytes: UnsafeRawBufferPointer) throws(IndexLoadError) -> IndexFileHeader {
        let found: IndexFileHeader
        do throws(SegmentError) {
            found = try IndexFileHeader(
                decoding: UnsafeRawBufferPointer(rebasing: bytes.prefix(IndexFileFormat.headerBytes)), file: path, of: segment)
        } catch {
            throw .unusable(error)
        }
        let expected = IndexFileFormat.fileBytes(imageBytes: found.imageBytes)
        try require(
            found.parameters.kind == header.parameters.kind && bytes.count == expected, 0, "length",
            expected: "\(expected) bytes of \(header.parameters.kind)", found: "\(bytes.count) bytes of \(found.parameters.kind)")
        let padding = bytes[IndexFileFormat.headerBytes..<IndexFileFormat.imageOffset]
        let place = padding.firstIndex { $0 != 0 }
        try require(place == nil, place ?? 0, "padding", expected: "0", found: "another value")
        return found
    }

    private func open(_ image: IndexImage, _ header: IndexFileHeader) throws(IndexLoadError) -> SegmentIndex.Kind {
        do throws(IndexImageDamage) {
            let kind: SegmentIndex.Kind = switch header.parameters {
            case .hnsw: .hnsw(try HNSWIndex(image, ordinalBound: segment.rowCount))
            case .ivf: .ivf(try IVFIndex(image, ordinalBound: segment.rowCount))
            }
            let (rowCount, dimension, metric) = kind.shape
            guard rowCount == header.rowCount, dimension == header.dimension, metric == header.metric else {
                throw IndexImageDamage(offset: 0, reason: "an index of \(rowCount) rows of \(dimension) numbers and metric \(metric)")
            }
            return kind
        } catch {
            throw corruption(
                IndexFileFormat.imageOffset + error.offset, "image", expected: "an index as the header describes it", found: error.reason)
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, against expected: UInt32, at offset: Int, _ what: String) throws(IndexLoadError) {
        let found = crc32c(bytes)
        try require(found == expected, offset, "\(what), checksum", expected: hexadecimal(expected), found: hexadecimal(found))
    }

    private func require(
        _ holds: Bool, _ offset: Int, _ what: String, expected: @autoclosure () -> String, found: @autoclosure () -> String
    ) throws(IndexLoadError) {
        if !holds { throw corruption(offset, what, expected: expected(), found: found()) }
    }

    private func corruption(_ offset: Int, _ what: String, expected: String, found: String) -> IndexLoadError {
        .unusable(.corruption(Corruption(file: path, offset: offset, what: "index file \(what)", expected: expected, found: found)))
    }
}
