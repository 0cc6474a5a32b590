package import LyricaClient

/// The nearest rows of each query as a file tells them, nearest first.
package struct TrueNeighbors: Equatable, Sendable {
    package let queryCount: Int
    /// Neighbours per query.
    package let width: Int
    /// Query after query, `width` each.
    package let ordinals: [UInt32]

    /// - Parameters:
    ///   - numbers: row numbers as the file has them.
    ///   - baseRows: how many rows there are; every number must be below.
    /// - Throws: `ClientError.file` that names the first number outside.
    package init(numbers: [Int64], width: Int, baseRows: Int, name: String) throws(ClientError) {
        precondition(width > 0 && numbers.count.isMultiple(of: width))
        if let index = numbers.firstIndex(where: { $0 < 0 || $0 >= Int64(baseRows) }) {
            throw .file(
                path: name,
                problem: "query \(index / width + 1) names row \(numbers[index]) as a neighbour; there are \(baseRows) rows, numbered from 0")
        }
        queryCount = numbers.count / width
        self.width = width
        ordinals = numbers.map { UInt32($0) }
    }

    package func neighbors(of query: Int) -> ArraySlice<UInt32> { ordinals[query * width..<(query + 1) * width] }
}

/// Reads files of true neighbours: `.ivecs`, `.ibin` (with or without the distances behind the numbers) and `.npy` of integers.
package enum NeighborFile {
    /// More neighbours per query than any file of truths has: a header that says so is damaged.
    private static let widthMax = 1 << 20

    /// - Throws: `ClientError.file` that names the file and what is wrong with it.
    package static func read(path: String, baseRows: Int) throws(ClientError) -> TrueNeighbors {
        try read(try FileBytes(path: path), baseRows: baseRows)
    }

    /// Chooses the format by the ending of the source's name.
    package static func read(_ source: some ByteSource, baseRows: Int) throws(ClientError) -> TrueNeighbors {
        let (numbers, width) =
            switch source.name.split(separator: ".").last.map({ $0.lowercased() }) {
            case "ivecs": try ivecs(source)
            case "ibin": try ibin(source)
            case "npy": try npy(source)
            case _?, nil:
                throw ClientError.file(path: source.name, problem: "unknown kind of neighbour file; its name must end in .ivecs, .ibin or .npy")
            }
        return try TrueNeighbors(numbers: numbers, width: width, baseRows: baseRows, name: source.name)
    }

    /// Rows of a length word and that many 32-bit numbers, all of one length.
    private static func ivecs(_ source: some ByteSource) throws(ClientError) -> (numbers: [Int64], width: Int) {
        let words = try words(source, from: 0, count: source.byteCount / 4)
        guard let first = words.first, source.byteCount.isMultiple(of: 4) else {
            throw .file(path: source.name, problem: "is no .ivecs file: \(source.byteCount) bytes")
        }
        let width = try checkedWidth(first, source)
        guard words.count.isMultiple(of: width + 1) else { throw .file(path: source.name, problem: "ends inside a row") }
        var numbers: [Int64] = []
        numbers.reserveCapacity(words.count)
        for start in stride(from: 0, to: words.count, by: width + 1) {
            guard words[start] == first else {
                throw .file(path: source.name, problem: "row \(start / (width + 1) + 1) has \(words[start]) neighbours, the first has \(first)")
            }
            numbers += words[start + 1...start + width]
        }
        return (numbers, width)
    }

    /// Two words, the numbers of queries and of neighbours, then the neighbours; in the files of the big-ann benchmarks their distances follow.
    private static func ibin(_ source: some ByteSource) throws(ClientError) -> (numbers: [Int64], width: Int) {
        guard source.byteCount >= 8 else { throw .file(path: source.name, problem: "is too short for an .ibin file") }
        let header = try words(source, from: 0, count: 2)
        let width = try checkedWidth(header[1], source)
        let available = (source.byteCount - 8) / 4
        let (count, overflow) = Int(header[0]).multipliedReportingOverflow(by: width)
        guard header[0] > 0, !overflow, source.byteCount.isMultiple(of: 4), available == count || available == count * 2 else {
            throw .file(
                path: source.name,
                problem: "the header says \(header[0]) queries of \(width) neighbours, but \(source.byteCount - 8) bytes follow it")
        }
        return (try words(source, from: 8, count: count), width)
    }

    private static func npy(_ source: some ByteSource) throws(ClientError) -> (numbers: [Int64], width: Int) {
        let header = try NPYHeader.read(from: source)
        let size: Int
        switch header.descriptor {
        case "<i4", "<u4": size = 4
        case "<i8", "<u8": size = 8
        case let other:
            throw .file(
                path: source.name, problem: "holds elements of type '\(other.prefix(20))'; '<i4', '<u4', '<i8' and '<u8' can be read")
        }
        guard header.shape.count == 2, !header.isFortranOrder else {
            throw .file(path: source.name, problem: "is no matrix in row order with one row per query")
        }
        let width = try checkedWidth(Int64(header.shape[1]), source)
        let (count, overflow) = header.shape[0].multipliedReportingOverflow(by: width)
        let available = source.byteCount - header.dataOffset
        guard header.shape[0] > 0, !overflow, available.isMultiple(of: size), available / size == count else {
            throw .file(path: source.name, problem: "the header says \(header.shape[0]) × \(width) numbers, but \(available) bytes follow it")
        }
        if size == 4 { return (try words(source, from: header.dataOffset, count: count), width) }
        let bytes = try source.bytes(at: header.dataOffset, count: count * 8)
        return (bytes.withUnsafeBytes { raw in
            // SAFETY: `count` numbers of 8 bytes were read. One beyond the signed range becomes negative and is refused as a row.
            (0..<count).map { Int64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
        }, width)
    }

    private static func checkedWidth(_ width: Int64, _ source: some ByteSource) throws(ClientError) -> Int {
        guard (1...Int64(widthMax)).contains(width) else {
            throw .file(path: source.name, problem: "claims \(width) neighbours per query; 1 to \(widthMax) are possible")
        }
        return Int(width)
    }

    /// 32-bit little-endian numbers, unsigned.
    private static func words(_ source: some ByteSource, from offset: Int, count: Int) throws(ClientError) -> [Int64] {
        let bytes = try source.bytes(at: offset, count: count * 4)
        return bytes.withUnsafeBytes { raw in
            // SAFETY: `count` numbers of 4 bytes were read.
            (0..<count).map { Int64(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))) }
        }
    }
}
