import ByteCoding
public import FileIO
import Quantization
import VectorModel

/// Writes a segment file: front to back, in one pass over the file and several over the rows.
///
/// Memory does not grow with vectors and texts: 1 MiB of buffer, at most some 60 bytes per row, some 60 per distinct metadata string, the
/// distinct lists of keys, and 13 bytes for each of a bounded number of metadata values (`SegmentMetadataWriter.valuesInMemoryMax`) or of one
/// key's values if those are more.
///
/// The file exists under its name only when it is complete and synced, and so is the directory.
public final class SegmentWriter {
    let rows: SegmentRows
    let description: SegmentDescription
    let header: SegmentHeader
    let output: SequentialFileWriter
    /// What each row has, found out on the way and written last.
    var flags: [UInt8]
    private var places: [SegmentSection: (offset: Int, length: Int)] = [:]

    private init(_ rows: SegmentRows, _ description: SegmentDescription, _ output: SequentialFileWriter) {
        self.rows = rows
        self.description = description
        self.output = output
        let dimension = description.dimension ?? 0
        header = SegmentHeader(
            description, rowCount: rows.count,
            codes: description.hasCodes && dimension >= ScalarQuantizer8.dimensionMin ? .scalar8 : .none)
        flags = Array(repeating: 0, count: rows.count)
    }

    /// Writes `rows`, of which there is at least one, to a new file in `directory`. A file of the same name is replaced.
    ///
    /// - Parameter pace: called with a number of bytes once they are written, about every MiB; may wait, or throw `cancelled`.
    /// - Throws: the first error. What was written is removed before, unless the disk refuses that too.
    public static func write(
        _ rows: SegmentRows, as description: SegmentDescription, in directory: String, fileSystem: any FileSystem,
        pace: (Int) throws(SegmentWriteError) -> Void = { _ in }
    ) throws(SegmentWriteError) -> SegmentReference {
        precondition(rows.count > 0, "a segment has at least one row")
        guard rows.count <= SegmentFormat.rowCountMax else {
            throw .unusableRow(index: SegmentFormat.rowCountMax, problem: "a segment has at most \(SegmentFormat.rowCountMax) rows")
        }
        let path = directory + "/" + SegmentFormat.fileName(description.number)
        let temporary = path + SegmentFormat.temporarySuffix
        var created = temporary
        do throws(SegmentWriteError) {
            let reference = try writeFile(rows, description, temporary, fileSystem, pace)
            do throws(FileError) {
                try fileSystem.rename(temporary, to: path)
                created = path
                try fileSystem.syncDirectory(directory)
            } catch { throw .file(error) }
            return reference
        } catch {
            // The first error tells the cause. What cannot be removed is referred to by nothing, and swept at the next start.
            try? fileSystem.remove(created)
            throw error
        }
    }

    /// Writes and syncs the file under its temporary name.
    private static func writeFile(
        _ rows: SegmentRows, _ description: SegmentDescription, _ path: String, _ fileSystem: any FileSystem,
        _ pace: (Int) throws(SegmentWriteError) -> Void
    ) throws(SegmentWriteError) -> SegmentReference {
        let file: any File
        do throws(FileError) { file = try fileSystem.createAnew(path) } catch { throw .file(error) }
        // The output does not outlive this call, though the compiler cannot see it.
        let reference = try withoutActuallyEscapingPace(pace) { pace throws(SegmentWriteError) in
            try SegmentWriter(rows, description, SequentialFileWriter(file, pace: pace)).write()
        }
        do throws(FileError) {
            try file.sync()
            try file.close()
        } catch { throw .file(error) }
        return reference
    }

    private static func withoutActuallyEscapingPace<Value>(
        _ pace: (Int) throws(SegmentWriteError) -> Void,
        _ body: (@escaping (Int) throws(SegmentWriteError) -> Void) throws(SegmentWriteError) -> Value
    ) throws(SegmentWriteError) -> Value {
        try withoutActuallyEscaping(pace) { pace in
            Result { () throws(SegmentWriteError) in try body(pace) }
        }.get()
    }

    private func write() throws(SegmentWriteError) -> SegmentReference {
        let headerChecksum = try writeHeader()
        try writeVectors()
        try writeCodes()
        try writeKeysAndSequences()
        try writeIdentifiers()
        try writeTexts()
        try writeMetadata()
        try section(.rowFlags) { () throws(SegmentWriteError) in try output.append(contentsOf: flags) }
        return try writeTables(headerChecksum)
    }

    /// Writes a section: what `body` appends.
    func section(_ section: SegmentSection, _ body: () throws(SegmentWriteError) -> Void) throws(SegmentWriteError) {
        precondition(places[section] == nil)
        try output.align(to: section.alignment)
        let offset = output.offset
        try body()
        let length = output.offset - offset
        places[section] = (length > 0 ? offset : 0, length)
    }

    private func writeHeader() throws(SegmentWriteError) -> UInt32 {
        var writer = ByteWriter(capacity: SegmentFormat.headerBytes)
        header.encode(into: &writer)
        let block = writer.finish()
        try block.withUnsafeBytes { bytes throws(SegmentWriteError) in try output.append(bytes) }
        return block.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: SegmentFormat.HeaderField.checksum.rawValue, as: UInt32.self) }
    }

    /// Writes what follows the sections.
    private func writeTables(_ headerChecksum: UInt32) throws(SegmentWriteError) -> SegmentReference {
        try output.align(to: SegmentFormat.alignment)
        let checksumTableOffset = output.offset
        try output.endCheckedBlocks()
        let checksums = output.checksums
        try output.append(contentsOf: checksums)
        let sectionTableOffset = output.offset
        let sections = sectionTable()
        try sections.withUnsafeBytes { bytes throws(SegmentWriteError) in try output.append(bytes) }
        let fileBytes = output.offset + SegmentFormat.trailerBytes
        let trailer = SegmentTrailer(
            checksumTableOffset: checksumTableOffset, checksumTableLength: checksums.count * 4, sectionTableOffset: sectionTableOffset,
            sectionTableLength: sections.count, fileLength: fileBytes, collection: header.collection, number: header.number,
            rowCount: header.rowCount, headerChecksum: headerChecksum, checksumTableChecksum: checksums.withUnsafeBytes { crc32c($0) },
            sectionTableChecksum: sections.withUnsafeBytes { bytes in crc32c(bytes) })
        var writer = ByteWriter(capacity: SegmentFormat.trailerBytes)
        let checksum = trailer.encode(into: &writer)
        try writer.finish().withUnsafeBytes { bytes throws(SegmentWriteError) in try output.append(bytes) }
        try output.flush()
        return SegmentReference(number: header.number, fileBytes: fileBytes, rowCount: header.rowCount, checksum: checksum)
    }

    private func sectionTable() -> ByteBlock {
        let codeStride = header.codes == .none ? 0 : ScalarQuantizer8.codeStride(dimension: header.dimension)
        var writer = ByteWriter(capacity: SegmentSection.allCases.count * SegmentFormat.sectionEntryBytes)
        for section in SegmentSection.allCases {
            let place = places[section] ?? (0, 0)
            writer.append(section.rawValue)
            writer.append(UInt32(section.elementBytes(dimension: header.dimension, element: header.element, codeStride: codeStride)))
            writer.append(UInt64(place.offset))
            writer.append(UInt64(place.length))
        }
        return writer.finish()
    }
}
