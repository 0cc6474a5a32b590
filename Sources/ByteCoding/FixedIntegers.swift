extension UnsafeRawBufferPointer {
    /// The integer at a fixed place of a header or of a table's entry, at any alignment. The caller has seen to it that all of it is inside.
    @inlinable
    public func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type = Value.self) -> Value {
        precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
        return loadUnaligned(fromByteOffset: offset, as: Value.self)
    }

    /// The length, the number or the place that is stored as `UInt64` at a fixed place: what no `Int` holds becomes the largest, which no check of
    /// bounds lets pass.
    @inlinable
    public func size(at offset: Int) -> Int { Int(clamping: integer(at: offset, as: UInt64.self)) }
}
