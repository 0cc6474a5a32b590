internal import ByteCoding
internal import FoundationEssentials
internal import VectorModel

/// Reads the payload of a manifest file, whose checksum holds, and checks it all the same: a bug elsewhere or a forged file must be named, not
/// believed. A bit of a bitmap of dead rows becomes a number; otherwise what it allocates is in proportion to the bytes at hand.
struct ManifestDecoder {
    /// Rows of one segment, bounded so that sums and products of them fit.
    private static let rowCountMax = 1 << 40

    private let file: String
    private var reader: ByteReader

    /// - Parameter payload: must outlive the decoder.
    init(_ payload: UnsafeRawBufferPointer, file: String) {
        self.file = file
        reader = ByteReader(payload)
    }

    /// The manifest with the number `edit` in a version of the format, both as the file's header has them.
    mutating func decode(edit: UInt64, version: UInt32) throws(Corruption) -> CollectionManifest {
        let collection = try identifier()
        let metric = try metric()
        let dimension = try integer("dimension", 0...Int(UInt32.max))
        let flushedThrough = SequenceNumber(try value { (reader) throws(DecodingFailure) in try reader.readVarint() })
        let nextInsertionKey = try value { (reader) throws(DecodingFailure) in try reader.readVarint() }
        let nextSegmentNumber = try value { (reader) throws(DecodingFailure) in try reader.readVarint() }
        let metadataKeys = try metadataKeys()
        var segments = try segments(below: nextSegmentNumber)
        if version > 1 { try readOwners(of: &segments, in: collection) }
        try value { (reader) throws(DecodingFailure) in try reader.finish() }
        return CollectionManifest(
            collection: collection, edit: edit, flushedThrough: flushedThrough, nextInsertionKey: nextInsertionKey,
            nextSegmentNumber: nextSegmentNumber, dimension: dimension == 0 ? nil : dimension, metric: metric, metadataKeys: metadataKeys,
            segments: segments)
    }

    private mutating func metadataKeys() throws(Corruption) -> [MetadataKey] {
        var keys: [MetadataKey] = []
        var names: Set<String> = []
        for _ in 0..<(try value { (reader) throws(DecodingFailure) in try reader.readCount(elementBytesMin: 2) }) {
            let start = reader.offset
            let name = try value { (reader) throws(DecodingFailure) in try reader.readString() }
            try check(names.insert(name).inserted, at: start, "metadata key", expected: "a name that did not come before", found: "one that did")
            let kinds = try value { (reader) throws(DecodingFailure) in try reader.read(UInt8.self) }
            try check(kinds < 32, at: reader.offset - 1, "metadata kinds", expected: "less than 32", found: "\(kinds)")
            keys.append(MetadataKey(name: name, kinds: MetadataKinds(rawValue: kinds)))
        }
        return keys
    }

    private mutating func segments(below nextNumber: UInt64) throws(Corruption) -> [CollectionManifest.SegmentEntry] {
        var segments: [CollectionManifest.SegmentEntry] = []
        var numbers: Set<UInt64> = []
        for _ in 0..<(try value { (reader) throws(DecodingFailure) in try reader.readCount(elementBytesMin: 8) }) {
            let start = reader.offset
            let number = try value { (reader) throws(DecodingFailure) in try reader.readVarint() }
            try check(
                number > 0 && number < nextNumber && numbers.insert(number).inserted, at: start, "segment number",
                expected: "one less than \(nextNumber) that did not come before", found: "\(number)")
            let fileBytes = try integer("segment file length", 1...Int.max)
            let rowCount = try integer("segment row count", 1...Self.rowCountMax)
            let checksum = try value { (reader) throws(DecodingFailure) in try reader.read(UInt32.self) }
            segments.append(
                CollectionManifest.SegmentEntry(
                    number: number, fileBytes: fileBytes, rowCount: rowCount, checksum: checksum, deadRows: try deadRows(of: rowCount)))
        }
        return segments
    }

    /// The places of segments that were written for other collections, ascending, and at least one: else an earlier version says the same.
    private mutating func readOwners(
        of segments: inout [CollectionManifest.SegmentEntry], in collection: CollectionIdentifier
    ) throws(Corruption) {
        let count = try integer("number of owners", 1...max(1, segments.count))
        var next = 0
        for _ in 0..<count {
            try check(next < segments.count, at: reader.offset, "owner", expected: "no more than there are segments", found: "another")
            let place = try integer("place of a segment", next...segments.count - 1)
            let start = reader.offset
            let owner = try identifier()
            try check(owner != collection, at: start, "owner", expected: "another collection", found: "this one")
            segments[place].owner = owner
            next = place + 1
        }
    }

    // MARK: Dead rows

    private mutating func deadRows(of rowCount: Int) throws(Corruption) -> [Int] {
        let count = try integer("number of dead rows", 0...rowCount)
        guard count > 0 else { return [] }
        let code = try value { (reader) throws(DecodingFailure) in try reader.read(UInt8.self) }
        switch DeadRowsForm(rawValue: code) {
        case .gaps: return try deadRowsAsGaps(count, rowCount)
        case .bitmap: return try deadRowsAsBitmap(count, rowCount)
        case nil: throw corruption(reader.offset - 1, "form of the dead rows", expected: "0 or 1", found: "\(code)")
        }
    }

    private mutating func deadRowsAsGaps(_ count: Int, _ rowCount: Int) throws(Corruption) -> [Int] {
        try check(count <= reader.remaining, at: reader.offset, "dead rows", expected: "\(count) gaps", found: "\(reader.remaining) bytes")
        var rows: [Int] = []
        rows.reserveCapacity(count)
        var next = 0
        for _ in 0..<count {
            let start = reader.offset
            let gap = try value { (reader) throws(DecodingFailure) in try reader.readVarint() }
            try check(gap < UInt64(rowCount - next), at: start, "dead row", expected: "one less than \(rowCount)", found: "\(next) and \(gap) more")
            rows.append(next + Int(gap))
            next += Int(gap) + 1
        }
        return rows
    }

    private mutating func deadRowsAsBitmap(_ count: Int, _ rowCount: Int) throws(Corruption) -> [Int] {
        let start = reader.offset
        let bitmap = try value { (reader) throws(DecodingFailure) in try reader.readBytes((rowCount + 7) / 8) }
        let found = bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
        try check(found == count, at: start, "bitmap of dead rows", expected: "\(count) rows", found: "\(found) rows")
        var rows: [Int] = []
        rows.reserveCapacity(count)
        for (index, byte) in bitmap.enumerated() {
            var rest = byte
            while rest != 0 {
                rows.append(index * 8 + rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
        if let last = rows.last {
            try check(last < rowCount, at: start, "bitmap of dead rows", expected: "rows less than \(rowCount)", found: "row \(last)")
        }
        return rows
    }

    // MARK: Single values

    private mutating func identifier() throws(Corruption) -> CollectionIdentifier {
        let bytes = try value { (reader) throws(DecodingFailure) in try reader.readBytes(16) }
        // SAFETY: `readBytes` returned as many bytes as a UUID has.
        return CollectionIdentifier(UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)))
    }

    private mutating func metric() throws(Corruption) -> Metric {
        let code = try value { (reader) throws(DecodingFailure) in try reader.read(UInt8.self) }
        guard let metric = Metric(rawValue: code) else {
            throw corruption(reader.offset - 1, "metric", expected: "0 to \(Metric.allCases.count - 1)", found: "\(code)")
        }
        return metric
    }

    private mutating func integer(_ what: String, _ bounds: ClosedRange<Int>) throws(Corruption) -> Int {
        let start = reader.offset
        let number = try value { (reader) throws(DecodingFailure) in try reader.readVarint() }
        try check(
            number <= UInt64(bounds.upperBound) && number >= UInt64(bounds.lowerBound), at: start, what,
            expected: "\(bounds.lowerBound) to \(bounds.upperBound)", found: "\(number)")
        return Int(number)
    }

    private mutating func value<Value>(_ read: (inout ByteReader) throws(DecodingFailure) -> Value) throws(Corruption) -> Value {
        do throws(DecodingFailure) {
            return try read(&reader)
        } catch {
            throw corruption(error.offset, "payload", expected: "an encoded manifest", found: "\(error)")
        }
    }

    private func check(_ isTrue: Bool, at offset: Int, _ what: String, expected: String, found: String) throws(Corruption) {
        if !isTrue { throw corruption(offset, what, expected: expected, found: found) }
    }

    private func corruption(_ offset: Int, _ what: String, expected: String, found: String) -> Corruption {
        Corruption(file: file, offset: CheckedFile.payloadOffset + offset, what: "manifest, \(what)", expected: expected, found: found)
    }
}
