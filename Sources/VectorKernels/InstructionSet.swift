internal import CVectorKernels

/// A family of vector instructions for which distance kernels exist.
///
/// The cases are in order of preference: of those a CPU has, the last is the fastest.
public enum InstructionSet: String, CaseIterable, Sendable {
    /// Plain C, on every CPU. The specification of the others.
    case scalar
    /// aarch64 Advanced SIMD.
    case neon
    /// x86-64 with AVX2 and FMA.
    case avx2
    /// x86-64 with AVX-512 F, BW, VL and DQ.
    case avx512
}

extension InstructionSet: CustomStringConvertible {
    public var description: String { rawValue }
}

extension InstructionSet {
    /// The constant table of this set, or nil where the CPU or its operating system lacks it.
    var kernels: UnsafePointer<cvk_kernels>? {
        switch self {
        case .scalar: cvk_kernels_for(CVK_SCALAR)
        case .neon: cvk_kernels_for(CVK_NEON)
        case .avx2: cvk_kernels_for(CVK_AVX2)
        case .avx512: cvk_kernels_for(CVK_AVX512)
        }
    }
}
