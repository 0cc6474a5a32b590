internal import ByteCoding
internal import FileIO

/// What an archive's headers and checksums say, after all of them have been checked.
struct TarOutline {
    private(set) var members: [TarReader.Member] = []
    private(set) var modified = 0

    private let file: any File
    private let length: Int

    init(_ file: any File) throws(TarError) {
        self.file = file
        length = try tarCall { () throws(FileError) in try file.size() }
        var headers: [(header: TarHeader, offset: Int)] = []
        var end = 0
        while headers.last?.header.name != TarFormat.checksumsName {
            let header = try header(at: end)
            if let first = headers.first {
                let (expected, found) = (first.header.modified, header.modified)
                try check(found == expected, at: end, "time", expected: "\(expected)", found: "\(found)")
            }
            headers.append((header, end + TarFormat.blockBytes))
            end += TarFormat.blockBytes + header.bytes
            try checkZeros(end..<TarFormat.paddedBytes(end), "padding")
            end = TarFormat.paddedBytes(end)
        }
        try check(
            length == end + TarFormat.endBytes, at: end, "length", expected: "\(end + TarFormat.endBytes) bytes", found: "\(length) bytes")
        try checkZeros(end..<length, "end")
        guard let checksums = headers.popLast() else { preconditionFailure("the loop ends at a header") }
        modified = checksums.header.modified
        try match(headers, with: checksums.header, at: checksums.offset)
    }

    /// Puts the checksums to their members.
    private mutating func match(
        _ headers: [(header: TarHeader, offset: Int)], with checksums: TarHeader, at offset: Int
    ) throws(TarError) {
        try check(
            checksums.bytes <= TarFormat.checksumsBytesMax, at: offset, "length of \(TarFormat.checksumsName)",
            expected: "at most \(TarFormat.checksumsBytesMax) bytes", found: "\(checksums.bytes)")
        guard let lines = TarChecksums.decode(try bytes(offset..<offset + checksums.bytes)) else {
            throw corruption(offset, TarFormat.checksumsName, expected: "lines that match their checksum", found: "others")
        }
        try check(
            lines.map(\.name) == headers.map(\.header.name) && lines.map(\.bytes) == headers.map(\.header.bytes), at: offset,
            TarFormat.checksumsName, expected: "the names and lengths of the members", found: "others")
        try check(
            Set(lines.map(\.name)).count == lines.count, at: offset, TarFormat.checksumsName, expected: "names that come once", found: "others")
        members = zip(headers, lines).map { entry, line in
            TarReader.Member(name: line.name, bytes: line.bytes, offset: entry.offset, checksum: line.checksum)
        }
    }

    private func header(at offset: Int) throws(TarError) -> TarHeader {
        let block = try bytes(offset..<offset + TarFormat.blockBytes)
        guard let header = TarHeader(decoding: block) else {
            throw corruption(offset, "header", expected: "one as this program writes it", found: "another")
        }
        let room = length - offset - TarFormat.blockBytes
        try check(header.bytes <= room, at: offset, "size of a member", expected: "at most \(room) bytes", found: "\(header.bytes)")
        return header
    }

    private func checkZeros(_ range: Range<Int>, _ what: String) throws(TarError) {
        try check(try bytes(range).allSatisfy { $0 == 0 }, at: range.lowerBound, what, expected: "zeros", found: "other bytes")
    }

    private func bytes(_ range: Range<Int>) throws(TarError) -> [UInt8] {
        // Before anything is allocated for it.
        try check(
            range.upperBound <= length, at: range.lowerBound, "length", expected: "at least \(range.upperBound) bytes", found: "\(length) bytes")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, range.count), alignment: 16)
        defer { buffer.deallocate() }
        let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
        let count = try tarCall { () throws(FileError) in try file.read(into: wanted, at: range.lowerBound) }
        try check(count == range.count, at: range.lowerBound, "length", expected: "\(range.count) bytes more", found: "\(count) bytes")
        return Array(wanted)
    }

    private func check(
        _ isTrue: Bool, at offset: Int, _ what: String, expected: @autoclosure () -> String, found: @autoclosure () -> String
    ) throws(TarError) {
        if !isTrue { throw corruption(offset, what, expected: expected(), found: found()) }
    }

    private func corruption(_ offset: Int, _ what: String, expected: String, found: String) -> TarError {
        .corruption(Corruption(file: file.path, offset: offset, what: "archive, \(what)", expected: expected, found: found))
    }
}
