/// The bytes of an index, in memory of its own or in a mapping that somebody else keeps.
///
/// Starts at a multiple of 64. An image in memory is written while it is built, by its builder alone, and never after.
public final class IndexImage: @unchecked Sendable {
    // SAFETY: unchecked because of the pointer. Nobody writes after the builder has handed the image out; `owner` keeps borrowed bytes in place.
    public let bytes: UnsafeRawBufferPointer
    private let owned: UnsafeMutableRawPointer?
    private let owner: (any Sendable)?

    /// Bytes that `owner` keeps in place.
    public init(borrowing bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        precondition(Int(bitPattern: bytes.baseAddress) % Self.alignment == 0)
        self.bytes = bytes
        self.owner = owner
        owned = nil
    }

    /// Zeros, to be written to through `mutableBytes` by the builder.
    init(zeroed count: Int) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: HugePages.alignment(bytes: count))
        HugePages.prefer(memory, bytes: count)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        bytes = UnsafeRawBufferPointer(start: memory, count: count)
        owned = memory
        owner = nil
    }

    /// For the builder, before the image is shared.
    var mutableBytes: UnsafeMutableRawBufferPointer {
        guard let owned else { preconditionFailure("borrowed bytes are not written") }
        return UnsafeMutableRawBufferPointer(start: owned, count: bytes.count)
    }

    deinit { owned?.deallocate() }

    /// What every section of an image, and the image itself in a file, starts at a multiple of.
    public static let alignment = 64
}
