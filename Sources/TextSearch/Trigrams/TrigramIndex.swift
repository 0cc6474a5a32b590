import ByteCoding
import VectorModel

/// For each three bytes that stand in documents, the rows whose documents have them: which rows can hold a text or match a pattern, without reading
/// them.
///
/// An index is a cache over the documents of one sealed part. Its image is checked once when it is opened, so that no byte in it can lead a reader
/// elsewhere.
public struct TrigramIndex: Sendable {
    /// Rows of the part, with those without a document.
    public let rowCount: Int
    let keyCount: Int
    let image: TextImage
    private let keys: PackedNumbers<UInt32>
    private let counts: PackedNumbers<UInt32>
    private let ends: PackedNumbers<UInt64>
    private let postings: Int

    /// Opens an image and checks all of it. Cost: one pass over its bytes.
    /// - Parameter rowCount: the rows of the part that it is to be about.
    public init(_ image: TextImage, rowCount: Int) throws(TextImageDamage) {
        let layout = try Self.layout(image.bytes, rowCount: rowCount)
        self.image = image
        self.rowCount = rowCount
        keyCount = layout.keyCount
        keys = PackedNumbers(image.bytes, at: layout.keys)
        counts = PackedNumbers(image.bytes, at: layout.counts)
        ends = PackedNumbers(image.bytes, at: layout.ends)
        postings = layout.postings
        try checkLists(layout)
    }

    /// Bytes of its image.
    public var byteCount: Int { image.bytes.count }

    // MARK: Lists

    /// One key's list of rows.
    struct List {
        let index: Int
        /// Rows in it.
        let count: Int
    }

    func list(_ key: Trigram) -> List? {
        let index = firstIndex(notBelow: key.rawValue)
        guard index < keyCount, keys[index] == key.rawValue else { return nil }
        return List(index: index, count: Int(counts[index]))
    }

    /// The lists of every key in the range.
    func lists(_ range: ClosedRange<Trigram>) -> some Sequence<List> {
        let bounds = firstIndex(notBelow: range.lowerBound.rawValue)..<firstIndex(notBelow: range.upperBound.rawValue + 1)
        return bounds.lazy.map { List(index: $0, count: Int(counts[$0])) }
    }

    private func firstIndex(notBelow key: UInt32) -> Int {
        var (low, high) = (0, keyCount)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func bytes(_ list: List) -> Range<Int> {
        let start = list.index == 0 ? 0 : Int(ends[list.index - 1])
        return postings + start..<postings + Int(ends[list.index])
    }

    /// Adds a list's rows to `rows`, whose bound is `rowCount`.
    func insert(_ list: List, into rows: inout OrdinalSet) {
        let bytes = bytes(list)
        if TrigramIndexFormat.isBitmap(count: list.count, rowCount: rowCount) {
            for index in 0..<rows.wordCount { rows.setWord(index, rows.word(index) | word(index, bytes)) }
        } else {
            var varints = TrustedVarints(image.bytes, at: bytes.lowerBound)
            var after = 0
            for _ in 0..<list.count {
                let row = after + Int(varints.read())
                rows.insert(row)
                after = row + 1
            }
        }
    }

    /// Keeps of `rows`, whose bound is `rowCount`, those that are in the list.
    func intersect(_ rows: inout OrdinalSet, with list: List) {
        let bytes = bytes(list)
        if TrigramIndexFormat.isBitmap(count: list.count, rowCount: rowCount) {
            for index in 0..<rows.wordCount { rows.setWord(index, rows.word(index) & word(index, bytes)) }
        } else {
            var kept = OrdinalSet(bound: rowCount)
            var varints = TrustedVarints(image.bytes, at: bytes.lowerBound)
            var after = 0
            for _ in 0..<list.count {
                let row = after + Int(varints.read())
                if rows.contains(row) { kept.insert(row) }
                after = row + 1
            }
            rows = kept
        }
    }

    /// 64 rows of a bitmap; fewer at its end.
    private func word(_ index: Int, _ bytes: Range<Int>) -> UInt64 {
        // SAFETY: the range lies inside the image.
        let start = bytes.lowerBound + index * 8
        if start + 8 <= bytes.upperBound { return image.bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
        return (start..<bytes.upperBound).reversed().reduce(0) { $0 << 8 | UInt64(image.bytes[$1]) }
    }
}

// MARK: Checks

extension TrigramIndex {
    private static func layout(_ bytes: UnsafeRawBufferPointer, rowCount: Int) throws(TextImageDamage) -> TrigramIndexFormat.Layout {
        try TrigramIndexFormat.head.check(bytes, rowCount: rowCount)
        guard bytes.integer(at: 24, as: UInt64.self) == 0 else { throw TextImageDamage(offset: 24, "reserved bytes are not zero") }
        let layout = try TrigramIndexFormat.Layout(keyCount: bytes.integer(at: 12), postingBytes: bytes.integer(at: 16))
        try bytes.check(layout.sections)
        return layout
    }

    private func checkLists(_ layout: TrigramIndexFormat.Layout) throws(TextImageDamage) {
        var end: UInt64 = 0
        for index in 0..<keyCount {
            guard Trigram.isValid(keys[index]), index == 0 || keys[index] > keys[index - 1] else {
                throw TextImageDamage(offset: layout.keys + 4 * index, "key \(index) is not above the one before")
            }
            guard ends[index] > end, ends[index] <= UInt64(layout.postingBytes) else {
                throw TextImageDamage(offset: layout.ends + 8 * index, "list \(index) ends at \(ends[index])")
            }
            guard counts[index] > 0, Int(counts[index]) <= rowCount else {
                throw TextImageDamage(offset: layout.counts + 4 * index, "list \(index) has \(counts[index]) rows")
            }
            end = ends[index]
            try check(List(index: index, count: Int(counts[index])))
        }
        guard end == UInt64(layout.postingBytes) else { throw TextImageDamage(offset: 16, "lists end at \(end)") }
    }

    private func check(_ list: List) throws(TextImageDamage) {
        let bytes = bytes(list)
        let isSound = TrigramIndexFormat.isBitmap(count: list.count, rowCount: rowCount) ? isSoundBitmap(list, bytes) : isSoundList(list, bytes)
        guard isSound else { throw TextImageDamage(offset: bytes.lowerBound, "list \(list.index) is malformed") }
    }

    private func isSoundBitmap(_ list: List, _ bytes: Range<Int>) -> Bool {
        guard bytes.count == TrigramIndexFormat.bitmapBytes(rowCount: rowCount) else { return false }
        let used = rowCount % 8
        if used != 0, image.bytes[bytes.upperBound - 1] >> UInt8(used) != 0 { return false }
        return (0..<(bytes.count + 7) / 8).reduce(0) { $0 + word($1, bytes).nonzeroBitCount } == list.count
    }

    private func isSoundList(_ list: List, _ bytes: Range<Int>) -> Bool {
        var varints = CheckedVarints(image.bytes, in: bytes)
        var after = 0
        for _ in 0..<list.count {
            guard let gap = varints.read(), after + Int(gap) < rowCount else { return false }
            after += Int(gap) + 1
        }
        return varints.isAtEnd
    }
}
