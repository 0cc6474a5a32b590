/// What the numbers of stored vectors are. The raw values stand in files.
public enum VectorElement: UInt8, CaseIterable, Sendable {
    /// 4 bytes per number, exactly what was sent.
    case float32 = 0
    /// 2 bytes per number (IEEE 754 binary16): what was sent is rounded to 11 significant bits when it is accepted.
    case float16 = 1

    /// Bytes per number.
    public var byteCount: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        }
    }
}
