public import VectorModel

/// How far to read a log.
public enum LogBound: Hashable, Sendable {
    /// Everything.
    case end
    /// Records with this number and lower ones.
    case sequence(SequenceNumber)
    /// Records committed at this time or earlier.
    case time(LogTimestamp)

    /// Whether a record is within the bound. Numbers and times ascend, so after the first that is not none is.
    func includes(_ sequence: SequenceNumber, at time: LogTimestamp) -> Bool {
        switch self {
        case .end: true
        case .sequence(let last): sequence <= last
        case .time(let last): time <= last
        }
    }
}
