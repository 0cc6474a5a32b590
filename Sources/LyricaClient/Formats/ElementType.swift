/// How one component of a stored vector is coded; all little-endian.
public enum ElementType: String, Equatable, Sendable, CaseIterable {
    case float16
    case float32
    case float64

    public var byteCount: Int {
        switch self {
        case .float16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    /// Decodes as many components as `bytes` holds; `bytes.count` must be a multiple of `byteCount`.
    ///
    /// A float64 beyond the range of float32 becomes an infinity, which the checks of a record then name by row.
    public func decode(_ bytes: ArraySlice<UInt8>) -> [Float] {
        precondition(bytes.count.isMultiple(of: byteCount), "a whole number of components")
        return bytes.withUnsafeBytes { raw in
            // SAFETY: every load lies inside `raw`, whose length is a multiple of the component's; loads need no alignment.
            switch self {
            case .float16:
                stride(from: 0, to: raw.count, by: 2).map { offset in
                    Self.float(fromHalf: UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
                }
            case .float32:
                stride(from: 0, to: raw.count, by: 4).map { offset in
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
                }
            case .float64:
                stride(from: 0, to: raw.count, by: 8).map { offset in
                    Float(Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
                }
            }
        }
    }

    /// Widens an IEEE 754 half exactly: subnormals become normal floats, infinities and NaNs stay what they are.
    public static func float(fromHalf bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits) & 0x3FF
        switch exponent {
        case 0:
            // A subnormal is a count of 2^-24, which a float holds exactly.
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 0x1F:
            return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:
            return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
