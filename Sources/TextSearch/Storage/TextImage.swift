public import ByteCoding

/// The bytes of a text index, in memory or in a mapping that somebody else keeps.
///
/// The index that opens an image checks every number in it once; after that it is read without further checks.
public final class TextImage: @unchecked Sendable {
    // SAFETY: unchecked because of the pointer. Nobody writes to the bytes, and `owner` keeps them in place.
    public let bytes: UnsafeRawBufferPointer
    private let owner: any Sendable

    /// Bytes that `owner` keeps in place, and that never change. They need not be aligned.
    public init(borrowing bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        self.bytes = bytes
        self.owner = owner
    }

    /// What a builder returned.
    public convenience init(_ block: ByteBlock) {
        self.init(borrowing: UnsafeRawBufferPointer(rebasing: block.unsafePaddedBytes[..<block.count]), owner: block)
    }
}

/// An image is not what its header or its own structure says. Derived data: the remedy is to build it again.
public struct TextImageDamage: Error, Equatable, Sendable, CustomStringConvertible {
    /// Counted from the image's first byte.
    public let offset: Int
    /// The rule that is broken; names no text of a document.
    public let reason: String

    init(offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "byte \(offset): \(reason)" }
}
