import ByteCoding
import FileIO
import Quantization
import VectorModel

/// What opening a segment file reads of it: header, trailer and section table, each checked.
struct SegmentHead {
    let header: SegmentHeader
    let trailer: SegmentTrailer
    let layout: SegmentLayout
    let reference: SegmentReference

    /// - Parameter reference: what the file should be; `nil` for any segment.
    init(_ file: any File, path: String, expecting reference: SegmentReference?) throws(SegmentError) {
        let fileBytes: Int
        do throws(FileError) { fileBytes = try file.size() } catch { throw .file(error) }
        if let reference {
            try Self.require(
                fileBytes == reference.fileBytes, path, "length", "\(reference.fileBytes) bytes, as in the manifest", "\(fileBytes) bytes")
        }
        let headerBytes = try Self.read(file, 0, min(SegmentFormat.headerBytes, fileBytes))
        header = try headerBytes.withBytes { bytes throws(SegmentError) in try SegmentHeader(decoding: bytes, file: path) }
        try Self.require(fileBytes >= Self.fileBytesMin, path, "length", "at least \(Self.fileBytesMin) bytes", "\(fileBytes) bytes")
        let headerChecksum = headerBytes.withBytes { $0.loadUnaligned(fromByteOffset: SegmentFormat.HeaderField.checksum.rawValue, as: UInt32.self) }
        let trailerBytes = try Self.read(file, fileBytes - SegmentFormat.trailerBytes, SegmentFormat.trailerBytes)
        let header = header
        let decoded = try trailerBytes.withBytes { bytes throws(SegmentError) in
            try SegmentTrailer.decode(bytes, file: path, fileBytes: fileBytes, header: header, headerChecksum: headerChecksum)
        }
        trailer = decoded.trailer
        let found = SegmentReference(number: header.number, fileBytes: fileBytes, rowCount: header.rowCount, checksum: decoded.checksum)
        if let reference { try Self.require(found == reference, path, "identity", "\(reference), as in the manifest", "\(found)") }
        self.reference = found
        layout = try Self.layout(file, path, header, trailer)
    }

    private static let fileBytesMin =
        SegmentFormat.headerBytes + SegmentSection.allCases.count * SegmentFormat.sectionEntryBytes + SegmentFormat.trailerBytes

    private static func layout(
        _ file: any File, _ path: String, _ header: SegmentHeader, _ trailer: SegmentTrailer
    ) throws(SegmentError) -> SegmentLayout {
        let table = try read(file, trailer.sectionTableOffset, trailer.sectionTableLength)
        let codeStride = header.codes == .none ? 0 : ScalarQuantizer8.codeStride(dimension: header.dimension)
        return try table.withBytes { bytes throws(SegmentError) in
            try SegmentFields(bytes: bytes, file: path, fileOffset: trailer.sectionTableOffset, structure: "segment section table")
                .check(crc32c(bytes), against: trailer.sectionTableChecksum)
            return try SegmentLayout(
                decoding: bytes, file: path, fileOffset: trailer.sectionTableOffset, header: header, codeStride: codeStride,
                coveredBytes: trailer.checksumTableOffset)
        }
    }

    private static func require(_ holds: Bool, _ path: String, _ what: String, _ expected: String, _ found: String) throws(SegmentError) {
        if !holds { throw .corruption(Corruption(file: path, offset: 0, what: "segment file \(what)", expected: expected, found: found)) }
    }

    private static func read(_ file: any File, _ offset: Int, _ count: Int) throws(SegmentError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try file.read(into: buffer, at: offset) }
        }
        switch result {
        case .success(count): return bytes
        case .success(let read):
            throw .corruption(Corruption(
                file: file.path, offset: offset, what: "segment file", expected: "\(count) bytes here", found: "\(read) bytes"))
        case .failure(let error): throw .file(error)
        }
    }
}

extension [UInt8] {
    /// As `withUnsafeBytes`, with errors of one type.
    func withBytes<Value, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Value) throws(Failure) -> Value {
        try withUnsafeBytes { bytes in
            Result { () throws(Failure) in try body(bytes) }
        }.get()
    }
}
