import ByteCoding

/// Numbers distinct strings and writes each once, when it first comes.
///
/// Strings are told apart by 128 bits of keyed hash, so that their bytes need not stay in memory: some 60 bytes each, however long.
final class SegmentStringsWriter {
    private var numbers: [UInt128: UInt32] = [:]
    private var hashes: [UInt64] = []
    private(set) var offsets: [UInt64] = [0]
    private let key: HashKey

    init(key: HashKey) {
        self.key = key
    }

    var count: Int { hashes.count }

    /// The number of a string; one that is new is written to `output`.
    func intern(_ string: String, to output: SequentialFileWriter) throws(SegmentWriteError) -> UInt32 {
        var string = string
        return try string.withUTF8 { utf8 in
            Result { () throws(SegmentWriteError) in try intern(UnsafeRawBufferPointer(utf8), to: output) }
        }.get()
    }

    private func intern(_ bytes: UnsafeRawBufferPointer, to output: SequentialFileWriter) throws(SegmentWriteError) -> UInt32 {
        let hash = SipHash.hash(bytes, key: key)
        let wide = UInt128(hash.high) << 64 | UInt128(hash.low)
        if let number = numbers[wide] { return number }
        guard hashes.count < SegmentFormat.rowCountMax else {
            throw .unusableRow(index: 0, problem: "a segment has at most \(SegmentFormat.rowCountMax) distinct metadata strings")
        }
        let number = UInt32(hashes.count)
        try output.append(bytes)
        numbers[wide] = number
        hashes.append(hash.low)
        offsets.append(offsets[offsets.count - 1] + UInt64(bytes.count))
        return number
    }

    /// The number of a string that was interned before.
    func number(of string: String) -> UInt32 {
        var string = string
        let hash = string.withUTF8 { SipHash.hash(UnsafeRawBufferPointer($0), key: key) }
        guard let number = numbers[UInt128(hash.high) << 64 | UInt128(hash.low)] else {
            preconditionFailure("a source gave other metadata the second time")
        }
        return number
    }

    /// The slots of the hash index of all strings.
    func index() -> [UInt64] {
        var index = SegmentHashIndexBuilder(count: count)
        for (number, hash) in hashes.enumerated() { index.insert(number, hash: hash) }
        return index.slots
    }
}
