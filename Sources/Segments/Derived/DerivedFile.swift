import ByteCoding
import FileIO

/// A file that was found beside a segment, everything in which is derived from the segment. Of it only the header was looked at.
///
/// The file stays open as long as this value lives, so that a newer one that takes its name meanwhile is not mixed up with it.
struct DerivedFile<Header: DerivedFileHeader> {
    let header: Header
    /// The length of the file.
    let byteCount: Int
    private let tableChecksum: UInt32
    private let path: String
    private let file: any File

    /// Reads the header of the file at `path`; `nil` if there is no such file.
    ///
    /// Cost: one read of some hundred bytes.
    /// - Throws: also for a file that belongs to another segment, or is from another version of the program.
    init?(_ path: String, of segment: Segment) throws(IndexLoadError) {
        do throws(FileError) { file = try segment.fileSystem.open(path, .readOnly) } catch {
            guard error.isMissing else { throw .file(error) }
            return nil
        }
        self.path = path
        var head = [UInt8](repeating: 0, count: Header.kind.headerBytes)
        let count: Int
        do throws(FileError) {
            let file = file
            count = try head.withUnsafeMutableBytes { buffer in
                Result { () throws(FileError) in try file.read(into: buffer, at: 0) }
            }.get()
            byteCount = try file.size()
        } catch { throw .file(error) }
        do throws(SegmentError) {
            (header, tableChecksum) = try head.withBytes { bytes throws(SegmentError) in
                try Header.decode(UnsafeRawBufferPointer(rebasing: bytes[..<count]), file: path, of: segment)
            }
        } catch { throw IndexLoadError(error) }
        let expected = DerivedFileFormat.fileBytes(contentBytes: header.contentBytes)
        guard byteCount == expected else { throw damage("length", at: 0, expected: "\(expected) bytes", found: "\(byteCount) bytes") }
    }

    /// Maps the file, compares every byte with its checksum, and has the content opened.
    ///
    /// Cost: reads the file once, about a second per GB from memory, and what opening the content costs.
    /// - Parameters:
    ///   - pattern: how the content is read from then on.
    ///   - pace: called after each MiB; may wait, or throw.
    ///   - open: given the content, and what keeps it in place; checks its structure.
    func load<Value>(
        readAs pattern: AccessPattern, pace: () throws(IndexBuildError) -> Void,
        open: (_ content: UnsafeRawBufferPointer, _ owner: any FileMapping) throws(IndexLoadError) -> Value
    ) throws(IndexLoadError) -> Value {
        let mapping: any FileMapping
        do throws(FileError) { mapping = try file.map() } catch { throw .file(error) }
        let bytes = mapping.bytes
        guard bytes.count == byteCount else {
            throw damage("length", at: 0, expected: "\(byteCount) bytes", found: "\(bytes.count) bytes")
        }
        mapping.advise(.sequential, in: 0..<bytes.count)
        try checkPadding(bytes)
        try checkBlocks(bytes, pace)
        let content = contentRange
        let value = try open(UnsafeRawBufferPointer(rebasing: bytes[content]), mapping)
        // Checking it has brought in every page; those that nobody touches later need not count as this process's memory.
        mapping.advise(.dontNeed, in: content)
        mapping.advise(pattern, in: content)
        return value
    }

    /// Where the content is in the file.
    private var contentRange: Range<Int> {
        DerivedFileFormat.contentOffset..<DerivedFileFormat.contentOffset + header.contentBytes
    }

    private func checkPadding(_ bytes: UnsafeRawBufferPointer) throws(IndexLoadError) {
        let padding = bytes[Header.kind.headerBytes..<DerivedFileFormat.contentOffset]
        guard let place = padding.firstIndex(where: { $0 != 0 }) else { return }
        throw damage("padding", at: place, expected: "0", found: "\(bytes[place])")
    }

    private func checkBlocks(_ bytes: UnsafeRawBufferPointer, _ pace: () throws(IndexBuildError) -> Void) throws(IndexLoadError) {
        let content = contentRange
        try check(bytes, content.upperBound..<bytes.count, tableChecksum, "table of checksums")
        for (number, block) in DerivedFileFormat.blocks(contentBytes: content.count).enumerated() {
            let range = content.lowerBound + block.lowerBound..<content.lowerBound + block.upperBound
            try check(bytes, range, bytes.integer(at: content.upperBound + 4 * number), "block of \(block.count) bytes")
            do throws(IndexBuildError) { try pace() } catch { throw .cancelled }
        }
    }

    private func check(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ expected: UInt32, _ what: @autoclosure () -> String
    ) throws(IndexLoadError) {
        let found = crc32c(UnsafeRawBufferPointer(rebasing: bytes[range]))
        guard found != expected else { return }
        throw damage("\(what()), checksum", at: range.lowerBound, expected: hexadecimal(expected), found: hexadecimal(found))
    }

    /// Damage at a place of the file.
    func damage(_ what: String, at offset: Int, expected: String, found: String) -> IndexLoadError {
        .unusable(.corruption(Corruption(file: path, offset: offset, what: "\(Header.kind.name) \(what)", expected: expected, found: found)))
    }
}
