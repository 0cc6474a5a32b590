/// Why encoded bytes could not be read, and where.
public struct DecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that the bytes break.
    public enum Reason: Hashable, Sendable {
        /// A value needs `needed` bytes, of which only `available` are left.
        case truncated(needed: Int, available: Int)
        /// A variable-length integer that is longer than its value needs, or does not fit in 64 bits.
        case malformedVarint
        /// A length or count that the remaining bytes, or the caller's limit, cannot hold.
        case lengthOutOfBounds(length: UInt64, limit: Int)
        /// Text that is not UTF-8.
        case invalidUTF8
        /// Bytes after the last value.
        case trailingBytes(count: Int)
        /// A compressed block that does not decompress to its declared length.
        case malformedBlock
        /// A value that the format does not define at this place, e.g. an unknown tag.
        case invalidValue(UInt64)
    }

    /// Counted from the first byte that the reader was given.
    public let offset: Int
    public let reason: Reason

    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .truncated(let needed, let available): "byte \(offset): \(needed) bytes needed, \(available) left"
        case .malformedVarint: "byte \(offset): malformed variable-length integer"
        case .lengthOutOfBounds(let length, let limit): "byte \(offset): length \(length), at most \(limit) possible"
        case .invalidUTF8: "byte \(offset): text is not UTF-8"
        case .trailingBytes(let count): "byte \(offset): \(count) bytes after the last value"
        case .malformedBlock: "byte \(offset): compressed block does not match its declared length"
        case .invalidValue(let value): "byte \(offset): undefined value \(value)"
        }
    }
}
