public import Quantization

/// Rows that lie one after the other: a block of a memtable, a section of a segment. Borrowed bytes.
public struct VectorRun {
    /// Which of the parts that one search goes through these rows belong to; returned with every candidate.
    public let part: UInt32
    /// The ordinal of the first row within its part.
    public let firstOrdinal: Int
    public let base: UnsafePointer<Float>
    public let count: Int
    /// 1/‖row‖ per row for `cosine` (0 for a zero vector); `nil` otherwise.
    public let inverseNorms: UnsafePointer<Float>?
    /// The same rows in 8-bit codes, where there are any.
    public let codes: CodeRun?

    public init(
        part: UInt32 = 0, firstOrdinal: Int, base: UnsafePointer<Float>, count: Int, inverseNorms: UnsafePointer<Float>?, codes: CodeRun? = nil
    ) {
        self.part = part
        self.firstOrdinal = firstOrdinal
        self.base = base
        self.count = count
        self.inverseNorms = inverseNorms
        self.codes = codes
    }
}

/// The 8-bit codes of a run's rows, made by `ScalarQuantizer8` from exactly the run's floats.
public struct CodeRun {
    /// Row i's codes begin at `codes + i * stride`.
    public let codes: UnsafePointer<Int8>
    /// `ScalarQuantizer8.codeStride` of the dimension.
    public let stride: Int
    public let parameters: UnsafePointer<CodeParameters>

    public init(codes: UnsafePointer<Int8>, stride: Int, parameters: UnsafePointer<CodeParameters>) {
        self.codes = codes
        self.stride = stride
        self.parameters = parameters
    }
}
