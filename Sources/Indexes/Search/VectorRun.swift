public import Quantization

/// Rows that lie one after the other: a block of a memtable, a section of a segment. Borrowed bytes.
public struct VectorRun {
    /// The numbers of a run's rows, row after row without gaps.
    public enum Numbers {
        case float32(UnsafePointer<Float>)
        /// The bits of IEEE 754 binary16.
        case float16(UnsafePointer<UInt16>)
    }

    /// Which of the parts that one search goes through these rows belong to; returned with every candidate.
    public let part: UInt32
    /// The ordinal of the first row within its part.
    public let firstOrdinal: Int
    public let numbers: Numbers
    public let count: Int
    /// 1/‖row‖ per row for `cosine` (0 for a zero vector); `nil` otherwise.
    public let inverseNorms: UnsafePointer<Float>?
    /// The same rows in 8-bit codes, where there are any.
    public let codes: CodeRun?

    public init(
        part: UInt32 = 0, firstOrdinal: Int, numbers: Numbers, count: Int, inverseNorms: UnsafePointer<Float>?, codes: CodeRun? = nil
    ) {
        self.part = part
        self.firstOrdinal = firstOrdinal
        self.numbers = numbers
        self.count = count
        self.inverseNorms = inverseNorms
        self.codes = codes
    }

    /// A run of floats.
    public init(
        part: UInt32 = 0, firstOrdinal: Int, base: UnsafePointer<Float>, count: Int, inverseNorms: UnsafePointer<Float>?, codes: CodeRun? = nil
    ) {
        self.init(
            part: part, firstOrdinal: firstOrdinal, numbers: .float32(base), count: count, inverseNorms: inverseNorms, codes: codes)
    }
}

/// The 8-bit codes of a run's rows, made by `ScalarQuantizer8` from exactly the run's numbers.
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
