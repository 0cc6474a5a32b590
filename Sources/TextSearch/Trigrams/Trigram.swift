/// What the trigram index has a list of rows for: three bytes that stand in a document, or how a document ends.
///
/// A document is taken as if two more symbols, which are no bytes, stood behind it. So each of its bytes begins one key, and texts shorter than
/// three bytes are found by a range of keys.
struct Trigram: Hashable, Comparable {
    let rawValue: UInt32

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Three bytes in a row.
    init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
        rawValue = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
    }

    /// The document's last two bytes.
    static func end(_ first: UInt8, _ second: UInt8) -> Trigram { Trigram(rawValue: 1 << 24 | UInt32(first) << 8 | UInt32(second)) }

    /// The document's last byte.
    static func end(_ byte: UInt8) -> Trigram { Trigram(rawValue: 2 << 24 | UInt32(byte)) }

    /// Every row that has a document, be it empty.
    static let document = Trigram(rawValue: 3 << 24)

    /// Whether a key can have this number.
    static func isValid(_ rawValue: UInt32) -> Bool {
        switch rawValue >> 24 {
        case 0: true
        case 1: rawValue & 0xFF_FFFF <= 0xFFFF
        case 2: rawValue & 0xFF_FFFF <= 0xFF
        case 3: rawValue & 0xFF_FFFF == 0
        case _: false
        }
    }

    static func < (left: Trigram, right: Trigram) -> Bool { left.rawValue < right.rawValue }
}
