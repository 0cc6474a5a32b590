import CTextAnalysis

/// Cuts UTF-8 into words. See `TextAnalysis` for what a word is.
enum WordSplitter {
    /// Bytes of a word; what stands behind them does not count.
    static let wordBytesMax = Int(CTA_WORD_BYTES_MAX)

    /// Calls `body` with each word as it stands in the text, valid during the call. Cost: a few nanoseconds for each ASCII byte, some tens for
    /// other characters.
    static func forEachWord(in text: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let scanner = Scanner(base: base, count: text.count)
        var position = 0
        while position < text.count {
            let (kind, length) = scanner.character(at: position)
            let start = position
            position += length
            switch kind {
            case CTA_LETTER: position = scanner.endOfWord(from: position)
            case CTA_IDEOGRAPH: position = scanner.endOfExtenders(from: position)
            case _: continue
            }
            body(UnsafeBufferPointer(start: base + start, count: scanner.keptLength(start..<position)))
        }
    }

    private struct Scanner {
        // SAFETY: valid during `forEachWord`; positions stay at or below `count`, since each character's length does.
        let base: UnsafePointer<UInt8>
        let count: Int

        @inline(__always)
        func character(at position: Int) -> (kind: Int, length: Int) {
            let byte = base[position]
            if byte < 0x80 { return (WordSplitter.kind(ofASCII: byte), 1) }
            var length = 0
            let kind = cta_classify(base + position, count - position, &length)
            return (Int(kind), length)
        }

        func endOfWord(from start: Int) -> Int {
            var position = start
            while position < count {
                let (kind, length) = character(at: position)
                if kind == CTA_LETTER || kind == CTA_EXTENDER {
                    position += length
                } else if kind == CTA_APOSTROPHE, position + length < count, character(at: position + length).kind == CTA_LETTER {
                    position += length
                } else {
                    return position
                }
            }
            return position
        }

        func endOfExtenders(from start: Int) -> Int {
            var position = start
            while position < count {
                let (kind, length) = character(at: position)
                guard kind == CTA_EXTENDER else { return position }
                position += length
            }
            return position
        }

        /// The word's length, cut before the character that would go beyond the limit.
        func keptLength(_ word: Range<Int>) -> Int {
            guard word.count > WordSplitter.wordBytesMax else { return word.count }
            var end = word.lowerBound + WordSplitter.wordBytesMax
            while end > word.lowerBound, base[end] & 0xC0 == 0x80 { end -= 1 }
            return end - word.lowerBound
        }
    }

    @inline(__always)
    private static func kind(ofASCII byte: UInt8) -> Int {
        if (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 { return CTA_LETTER }
        return byte == UInt8(ascii: "'") ? CTA_APOSTROPHE : CTA_SEPARATOR
    }
}
