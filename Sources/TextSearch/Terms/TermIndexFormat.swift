/// The image of a term index, shared by its builder and its reader.
///
/// ```
/// image       := header  analysis  lengths  frequencies  text ends  block ends  blocks  text  postings
/// header      := magic u32, version u32, row count u32, term count u32, block count u64, text bytes u64, posting bytes u64, analysis bytes u64,
///                sum of lengths u64, rows with a length u32, zero u32
/// analysis    := flags u8, text: stemming language, varint: stop words, { text: stop word }
/// lengths     := { terms in the row's document, with repetitions u32 }, 0 for rows without
/// frequencies := { rows that have the term u32 }
/// text ends   := { where the term's bytes end in the text u64 }
/// block ends  := { where the term's blocks end among the blocks u64 }
/// blocks      := { where its postings end u64, last row u32, largest frequency u32, smallest length of its rows u32, zero u32 }
/// text        := { bytes of a term }, terms ascending by bytes
/// postings    := { varint: row less the term's row before less 1, for the first the row; varint: frequency less 1 }
/// ```
/// Sections begin at multiples of 8. A block holds 128 rows, the last one of a term what is left.
enum TermIndexFormat {
    /// The magic is "LTRM".
    static let head = TextImageHead(name: "term index", magic: 0x4D52_544C, version: 1, headerBytes: 64)
    static let blockRows = 128
    static let blockBytes = 24

    static func blocks(ofRows count: Int) -> Int { (count + blockRows - 1) / blockRows }

    /// Where everything lies, from what the header says.
    struct Layout {
        let analysis: Range<Int>
        let lengths: Int
        let frequencies: Int
        let textEnds: Int
        let blockEnds: Int
        let blocks: Int
        let text: Range<Int>
        let postings: Range<Int>
        let sections: ImageSections

        init(
            rowCount: Int, termCount: UInt32, blockCount: UInt64, textBytes: UInt64, postingBytes: UInt64, analysisBytes: UInt64
        ) throws(TextImageDamage) {
            var sections = ImageSections(headerBytes: head.headerBytes)
            let analysisStart = try sections.place(count: analysisBytes, elementBytes: 1)
            lengths = try sections.place(count: UInt64(rowCount), elementBytes: 4)
            frequencies = try sections.place(count: UInt64(termCount), elementBytes: 4)
            textEnds = try sections.place(count: UInt64(termCount), elementBytes: 8)
            blockEnds = try sections.place(count: UInt64(termCount), elementBytes: 8)
            blocks = try sections.place(count: blockCount, elementBytes: blockBytes)
            let textStart = try sections.place(count: textBytes, elementBytes: 1)
            let postingStart = try sections.place(count: postingBytes, elementBytes: 1)
            self.sections = sections
            analysis = analysisStart..<analysisStart + Int(analysisBytes)
            text = textStart..<textStart + Int(textBytes)
            postings = postingStart..<postingStart + Int(postingBytes)
        }
    }

    /// What a block says of its rows.
    struct Block: Equatable {
        let postingEnd: UInt64
        let lastRow: UInt32
        let frequencyMax: UInt32
        let lengthMin: UInt32
        var reserved: UInt32 = 0
    }
}
