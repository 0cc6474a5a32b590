import ByteCoding

/// The image of a trigram index, shared by its builder and its reader.
///
/// ```
/// image    := header  keys  counts  ends  postings
/// header   := magic u32, version u32, row count u32, key count u32, posting bytes u64, zero u64
/// keys     := { key u32 }, ascending
/// counts   := { rows u32 }
/// ends     := { where the key's list ends in the postings u64 }
/// postings := { list }, each where the one before ends
/// list     := bitmap | { varint: the row less the row before less 1, for the first the row }
/// ```
/// Sections begin at multiples of 8. A list is a bitmap of ⌈row count / 8⌉ bytes, row 0 in the lowest bit, when more than an eighth of the rows are
/// in it.
enum TrigramIndexFormat {
    /// The magic is "LTRG".
    static let head = TextImageHead(name: "trigram index", magic: 0x4752_544C, version: 1, headerBytes: 32)

    static func bitmapBytes(rowCount: Int) -> Int { (rowCount + 7) / 8 }

    static func isBitmap(count: Int, rowCount: Int) -> Bool { count * 8 > rowCount }

    /// Where everything lies, from what the header says.
    struct Layout {
        let keyCount: Int
        let postingBytes: Int
        let keys: Int
        let counts: Int
        let ends: Int
        let postings: Int
        let sections: ImageSections

        init(keyCount: UInt32, postingBytes: UInt64) throws(TextImageDamage) {
            var sections = ImageSections(headerBytes: head.headerBytes)
            keys = try sections.place(count: UInt64(keyCount), elementBytes: 4)
            counts = try sections.place(count: UInt64(keyCount), elementBytes: 4)
            ends = try sections.place(count: UInt64(keyCount), elementBytes: 8)
            postings = try sections.place(count: postingBytes, elementBytes: 1)
            self.sections = sections
            self.keyCount = Int(keyCount)
            self.postingBytes = Int(postingBytes)
        }
    }
}
