import ByteCoding
import FileIO
import FoundationEssentials
import Segments
import VectorModel

/// Makes a segment readable whose header, trailer or tables are damaged, so that the rows behind them can be saved.
///
/// These few hundred bytes are kept twice in essence: what the header says stands in the trailer, in the manifest and in the section table; what the
/// trailer says follows from the file's length and the tables; a wrong entry of the checksum table shows as one block that does not match. Of the
/// section table there is no second copy: a single flipped bit in it is found by its checksum.
///
/// Nothing that a patch invents is trusted with data: blocks are still compared with their checksums, so rows come out as they were written or not
/// at all.
struct SegmentHeadSalvage {
    /// What the manifest or the catalog knows of the file.
    struct Facts {
        let collection: CollectionIdentifier
        let number: UInt64
        let metric: Metric
        let dimension: Int?
        /// What the manifest says of the file; without it a damaged trailer cannot be made anew, since nothing would vouch for it.
        let reference: SegmentReference?
    }

    let facts: Facts
    private let fileBytes: Int
    private let file: any File
    private var header: [UInt8]
    private var trailer: [UInt8]
    private var sectionTable: [UInt8]
    private let checksumTable: [UInt8]
    private let checksumTableOffset: Int

    private typealias Header = SegmentFormat.HeaderField
    private typealias Trailer = SegmentFormat.TrailerField
    private static let sectionTableBytes = SegmentSection.allCases.count * SegmentFormat.sectionEntryBytes

    /// `nil` if the file is too short to have been a segment.
    init?(_ path: String, _ facts: Facts, _ fileSystem: any FileSystem) throws(FileError) {
        self.facts = facts
        file = try fileSystem.open(path, .readOnly)
        fileBytes = min(try file.size(), facts.reference?.fileBytes ?? .max)
        let tableEnd = fileBytes - SegmentFormat.trailerBytes
        let tableStart = tableEnd - Self.sectionTableBytes
        guard tableStart > SegmentFormat.headerBytes, let tableOffset = Self.checksumTableOffset(before: tableStart) else { return nil }
        checksumTableOffset = tableOffset
        header = try file.bytes(SegmentFormat.headerBytes, at: 0)
        checksumTable = try file.bytes(tableStart - tableOffset, at: tableOffset)
        sectionTable = try file.bytes(Self.sectionTableBytes, at: tableStart)
        trailer = try file.bytes(SegmentFormat.trailerBytes, at: tableEnd)
        guard header.count == SegmentFormat.headerBytes, trailer.count == SegmentFormat.trailerBytes else { return nil }
    }

    /// Writes a copy whose head fits, beside which the original stays as it is.
    /// - Returns: false when the tables cannot be told.
    mutating func writeCopy(of path: String, to copy: String, _ fileSystem: any FileSystem) throws(FileError) -> Bool {
        let isTrailerWhole = trailer.checksum(to: Trailer.checksum.rawValue) == trailer.integer(Trailer.checksum.rawValue) as UInt32
        let isHeaderWhole = header.checksum(to: Header.checksum.rawValue) == header.integer(Header.checksum.rawValue) as UInt32
        if isTrailerWhole {
            let expected: UInt32 = trailer.integer(Trailer.sectionTableChecksum.rawValue)
            let rowCount: UInt64 = trailer.integer(Trailer.rowCount.rawValue)
            guard putRight({ $0.sectionTable.checksum(to: $0.sectionTable.count) == expected }) else { return false }
            if !isHeaderWhole { header = makeHeader(rowCount: rowCount) }
            trailer = makeTrailer(rowCount: rowCount)
        } else {
            // The manifest has the checksum that the trailer had, which stands for the whole file.
            guard isHeaderWhole, let reference = facts.reference else { return false }
            let rowCount: UInt64 = header.integer(Header.rowCount.rawValue)
            let isRight = putRight { $0.makeTrailer(rowCount: rowCount).integer(Trailer.checksum.rawValue) == reference.checksum }
            guard isRight else { return false }
            trailer = makeTrailer(rowCount: rowCount)
        }
        try fileSystem.copyFile(path, to: copy)
        let target = try fileSystem.open(copy, .readWrite)
        try target.truncate(to: fileBytes)
        try target.write(header, at: 0)
        try target.write(sectionTable + trailer, at: fileBytes - SegmentFormat.trailerBytes - Self.sectionTableBytes)
        try target.close()
        return true
    }

    /// Where the checksum table begins: one entry for each block of the bytes before it, up to where the section table begins.
    private static func checksumTableOffset(before end: Int) -> Int? {
        let estimate = end / (SegmentFormat.blockBytes + 4)
        for blocks in max(estimate - 1, 1)...(estimate + 1) {
            let offset = end - blocks * 4
            let needed = (offset + SegmentFormat.blockBytes - 1) / SegmentFormat.blockBytes
            if offset > 0, offset % SegmentFormat.alignment == 0, needed == blocks { return offset }
        }
        return nil
    }

    /// Finds the one bit of the section table that makes it fit, if it does not.
    private mutating func putRight(_ fits: (borrowing SegmentHeadSalvage) -> Bool) -> Bool {
        if fits(self) { return true }
        for bit in 0..<sectionTable.count * 8 {
            sectionTable[bit / 8] ^= 1 << UInt8(bit % 8)
            if fits(self) { return true }
            sectionTable[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        return false
    }

    /// Without the key of the hashes: rows are found by number then, which is all that saving them needs.
    private func makeHeader(rowCount: UInt64) -> [UInt8] {
        let codes = (SegmentSection.codes.rawValue - 1) * UInt32(SegmentFormat.sectionEntryBytes)
        let codeBytes: UInt64 = sectionTable.integer(Int(codes) + 16)
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.headerBytes)
        bytes.replaceSubrange(0..<SegmentFormat.magic.count, with: SegmentFormat.magic)
        bytes.put(SegmentFormat.version, Header.formatVersion.rawValue)
        bytes.put(UInt32(SegmentFormat.headerBytes), Header.headerLength.rawValue)
        bytes.put(facts.collection, Header.collection.rawValue)
        bytes.put(facts.number, Header.segmentNumber.rawValue)
        bytes.put(rowCount, Header.rowCount.rawValue)
        bytes.put(UInt32(hasVectors ? facts.dimension ?? vectorBytes / 4 : 0), Header.dimension.rawValue)
        let isHalf = hasVectors && facts.dimension.map { vectorBytes == 2 * max($0, 1) } ?? false
        bytes[Header.element.rawValue] = (isHalf ? VectorElement.float16 : .float32).rawValue
        bytes[Header.metric.rawValue] = facts.metric.rawValue
        bytes[Header.codes.rawValue] = codeBytes > 0 ? 1 : 0
        bytes.put(bytes.checksum(to: Header.checksum.rawValue), Header.checksum.rawValue)
        return bytes
    }

    private var hasVectors: Bool { (sectionTable.integer(16) as UInt64) > 0 }
    private var vectorBytes: Int { Int(sectionTable.integer(4) as UInt32) }

    private func makeTrailer(rowCount: UInt64) -> [UInt8] {
        let sectionTableOffset = fileBytes - SegmentFormat.trailerBytes - Self.sectionTableBytes
        var bytes = [UInt8](repeating: 0, count: SegmentFormat.trailerBytes)
        bytes.put(SegmentFormat.version, Trailer.formatVersion.rawValue)
        bytes.put(UInt32(SegmentFormat.blockBytes), Trailer.blockBytes.rawValue)
        bytes.put(UInt64(checksumTableOffset), Trailer.checksumTableOffset.rawValue)
        bytes.put(UInt64(checksumTable.count), Trailer.checksumTableLength.rawValue)
        bytes.put(UInt64(sectionTableOffset), Trailer.sectionTableOffset.rawValue)
        bytes.put(UInt64(sectionTable.count), Trailer.sectionTableLength.rawValue)
        bytes.put(UInt64(fileBytes), Trailer.fileLength.rawValue)
        bytes.put(facts.collection, Trailer.collection.rawValue)
        bytes.put(facts.number, Trailer.segmentNumber.rawValue)
        bytes.put(rowCount, Trailer.rowCount.rawValue)
        bytes.put(header.integer(Header.checksum.rawValue) as UInt32, Trailer.headerChecksum.rawValue)
        bytes.put(checksumTable.checksum(to: checksumTable.count), Trailer.checksumTableChecksum.rawValue)
        bytes.put(sectionTable.checksum(to: sectionTable.count), Trailer.sectionTableChecksum.rawValue)
        bytes.put(bytes.checksum(to: Trailer.checksum.rawValue), Trailer.checksum.rawValue)
        bytes.replaceSubrange(Trailer.magic.rawValue..<SegmentFormat.trailerBytes, with: SegmentFormat.endMagic)
        return bytes
    }
}

extension [UInt8] {
    /// The little-endian integer at an offset that the caller knows to be inside.
    fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
        precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= count)
        // SAFETY: the bounds were checked.
        return Value(littleEndian: withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) })
    }

    fileprivate mutating func put(_ value: some FixedWidthInteger & BitwiseCopyable, _ offset: Int) {
        Swift.withUnsafeBytes(of: value.littleEndian) { replaceSubrange(offset..<offset + $0.count, with: $0) }
    }

    fileprivate mutating func put(_ identifier: CollectionIdentifier, _ offset: Int) {
        Swift.withUnsafeBytes(of: identifier.uuid.uuid) { replaceSubrange(offset..<offset + $0.count, with: $0) }
    }

    /// Of the first `end` bytes.
    fileprivate func checksum(to end: Int) -> UInt32 {
        withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    }
}

extension File {
    /// Up to `count` bytes from an offset.
    fileprivate func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Typed throws do not pass through the closure, hence the result.
        let found = try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(into: buffer, at: offset) }
        }.get()
        return Array(bytes[..<found])
    }

    fileprivate func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try write(buffer, at: offset) }
        }.get()
    }
}
