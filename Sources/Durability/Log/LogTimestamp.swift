#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A moment by the machine's clock, as the log notes it: for people and for going back to a point in time, never for ordering.
public struct LogTimestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since the beginning of 1970, UTC; at most 2⁴⁸ − 1, which is the year 10889.
    public let milliseconds: UInt64

    /// A time that is not known.
    public static let zero = LogTimestamp(milliseconds: 0)

    /// A later time counts as the latest that can be noted.
    public init(milliseconds: UInt64) {
        self.milliseconds = min(milliseconds, 1 << 48 - 1)
    }

    /// The present, by the machine's clock.
    public static func now() -> LogTimestamp {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0, time.tv_sec >= 0 else { return .zero }
        return LogTimestamp(milliseconds: UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000)
    }

    public static func < (left: LogTimestamp, right: LogTimestamp) -> Bool { left.milliseconds < right.milliseconds }

    public var description: String { "\(milliseconds) ms since 1970" }
}
