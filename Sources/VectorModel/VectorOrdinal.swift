/// The place of one row version inside one memtable or segment, counted from 0.
///
/// An ordinal never leaves the engine: clients know records by id. A record that is updated gets a new ordinal and its old one a tombstone.
public struct VectorOrdinal: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    @inlinable
    public init(_ index: Int) {
        self.rawValue = UInt32(index)
    }

    /// The ordinal as an array index.
    @inlinable
    public var index: Int { Int(rawValue) }

    @inlinable
    public static func < (left: VectorOrdinal, right: VectorOrdinal) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}
