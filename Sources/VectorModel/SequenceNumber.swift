/// The position of one committed change in the server's single log.
///
/// Sequence numbers start at 1 and grow with every log record, by more than one where a full disk refused some; 0 stands for "before the first change".
/// They order everything that needs an order: recovery, snapshots and, through insertion keys, ties between equal distances.
public struct SequenceNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    /// Before the first change.
    public static let zero = SequenceNumber(0)

    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The number of the change after this one.
    @inlinable
    public var next: SequenceNumber { SequenceNumber(rawValue + 1) }

    @inlinable
    public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}
