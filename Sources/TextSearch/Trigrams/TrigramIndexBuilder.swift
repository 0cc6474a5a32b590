public import ByteCoding

/// Builds a trigram index from documents that are given one after the other.
///
/// Cost: O(bytes of the documents), some fifty nanoseconds each; memory is at most about twice the image, plus 1 KiB for each pair of bytes that begins a
/// trigram. The same documents give the same image.
public struct TrigramIndexBuilder: ~Copyable {
    private static let noPage: Int32 = -1
    private static let keysPerPage = 256

    /// From a key's upper bits to its page of 256 lists.
    private var pages = [Int32](repeating: noPage, count: (Int(Trigram.document.rawValue) >> 8) + 1)
    /// The number of a key's list plus one; 0 without one.
    private var numbers: [Int32] = []
    private var lists = PostingLists()
    private var rowCount: UInt32 = 0

    public init() {}

    /// Adds the next rows' documents.
    /// - Parameters:
    ///   - row: above every row before; rows that are left out have no document.
    ///   - document: UTF-8 as stored; any bytes do.
    public mutating func add(row: Int, document: UnsafeRawBufferPointer) {
        precondition(row >= Int(rowCount) && row < Int(UInt32.max))
        let number = UInt32(row)
        rowCount = number + 1
        add(.document, number)
        guard let last = document.last else { return }
        add(.end(last), number)
        guard document.count > 1 else { return }
        add(.end(document[document.count - 2], last), number)
        guard document.count > 2 else { return }
        var key = UInt32(document[0]) << 8 | UInt32(document[1])
        for index in 2..<document.count {
            key = (key << 8 | UInt32(document[index])) & 0xFF_FFFF
            add(Trigram(rawValue: key), number)
        }
    }

    private mutating func add(_ key: Trigram, _ row: UInt32) {
        lists.append(row: row, to: number(of: key))
    }

    private mutating func number(of key: Trigram) -> Int {
        let upper = Int(key.rawValue >> 8)
        var page = pages[upper]
        if page == Self.noPage {
            page = Int32(numbers.count / Self.keysPerPage)
            pages[upper] = page
            numbers.append(contentsOf: repeatElement(0, count: Self.keysPerPage))
        }
        let slot = Int(page) * Self.keysPerPage + Int(key.rawValue & 0xFF)
        if numbers[slot] == 0 {
            lists.add()
            numbers[slot] = Int32(lists.count)
        }
        return Int(numbers[slot]) - 1
    }

    /// Ends building.
    /// - Parameter rowCount: the rows of the part, with those without a document; above every row that was added.
    /// - Returns: the image.
    public consuming func finish(rowCount: Int) -> ByteBlock {
        precondition(rowCount >= Int(self.rowCount) && rowCount <= Int(UInt32.max))
        let keys = sortedKeys()
        var writer = ByteWriter()
        TrigramIndexFormat.head.append(to: &writer, rowCount: rowCount)
        writer.append(UInt32(keys.count))
        let postingBytesOffset = writer.count
        writer.append(UInt64(0))
        writer.append(UInt64(0))
        for key in keys { writer.append(key.key.rawValue) }
        writer.alignSection()
        for key in keys { writer.append(lists.rowCount(key.list)) }
        writer.alignSection()
        var end: UInt64 = 0
        for key in keys {
            end += UInt64(listBytes(key.list, rowCount))
            writer.append(end)
        }
        writer.overwrite(end, at: postingBytesOffset)
        var list: [UInt8] = []
        for key in keys {
            lists.read(key.list, into: &list)
            let count = Int(lists.rowCount(key.list))
            if TrigramIndexFormat.isBitmap(count: count, rowCount: rowCount) { list = Self.bitmap(list, count: count, rowCount: rowCount) }
            list.withUnsafeBytes { writer.append(contentsOf: $0) }
        }
        writer.alignSection()
        return writer.finish()
    }

    private func sortedKeys() -> [(key: Trigram, list: Int)] {
        var keys: [(Trigram, Int)] = []
        keys.reserveCapacity(lists.count)
        for (upper, page) in pages.enumerated() where page != Self.noPage {
            for lower in 0..<Self.keysPerPage {
                let list = numbers[Int(page) * Self.keysPerPage + lower]
                if list != 0 { keys.append((Trigram(rawValue: UInt32(upper) << 8 | UInt32(lower)), Int(list) - 1)) }
            }
        }
        return keys
    }

    private func listBytes(_ list: Int, _ rowCount: Int) -> Int {
        TrigramIndexFormat.isBitmap(count: Int(lists.rowCount(list)), rowCount: rowCount)
            ? TrigramIndexFormat.bitmapBytes(rowCount: rowCount) : lists.byteCount(list)
    }

    private static func bitmap(_ list: [UInt8], count: Int, rowCount: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: TrigramIndexFormat.bitmapBytes(rowCount: rowCount))
        list.withUnsafeBytes { bytes in
            var varints = TrustedVarints(bytes, at: 0)
            var after = 0
            for _ in 0..<count {
                let row = after + Int(varints.read())
                bits[row / 8] |= 1 << UInt8(row % 8)
                after = row + 1
            }
        }
        return bits
    }
}
