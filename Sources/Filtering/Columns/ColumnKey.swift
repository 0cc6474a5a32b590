import ColumnStore

/// A value's place in the order of its kind, as an unsigned number: what a column index sorts values by and finds them with.
///
/// Integers and floats are in the order of their values, strings in that of their numbers, false before true. Both zeros have one key. All NaNs
/// have the last one, which no comparison asks for.
enum ColumnKey {
    /// The key of every NaN.
    static let notANumber = UInt64.max
    private static let signBit: UInt64 = 1 << 63

    /// The key of a scalar, or of an array's element, given the bits of its entry.
    static func key(of bits: UInt64, kind: MetadataKind) -> UInt64 {
        switch kind.elementKind {
        case .integer: bits ^ signBit
        case .float: key(of: Double(bitPattern: bits))
        case .string, .boolean, .strings, .integers, .floats, .booleans, .sparse: bits
        }
    }

    /// The bits that have a key; of several the canonical ones.
    static func bits(of key: UInt64, kind: MetadataKind) -> UInt64 {
        switch kind.elementKind {
        case .integer: key ^ signBit
        case .float: key == notANumber ? Double.nan.bitPattern : key & signBit == 0 ? ~key : key ^ signBit
        case .string, .boolean, .strings, .integers, .floats, .booleans, .sparse: key
        }
    }

    /// The keys of numbers that can be ordered; `nil`: values of the kind have no order.
    static func ordered(_ kind: MetadataKind) -> ClosedRange<UInt64>? {
        switch kind {
        case .integer: 0 ... .max
        case .float: key(of: -Double.infinity)...key(of: Double.infinity)
        case .string, .boolean, .strings, .integers, .floats, .booleans, .sparse: nil
        }
    }

    private static func key(of value: Double) -> UInt64 {
        if value.isNaN { return notANumber }
        // Both zeros, as they are equal.
        let bits = value == 0 ? 0 : value.bitPattern
        return bits & signBit == 0 ? bits | signBit : ~bits
    }
}
