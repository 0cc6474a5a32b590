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
    /// x86-64 with AVX-512 F, BW, VL and DQ; for codes also VNNI where the CPU has it.
    case avx512
}

extension InstructionSet: CustomStringConvertible {
    public var description: String { rawValue }
}

extension InstructionSet {
    /// The constant table of this set's float kernels, or nil where the CPU or its operating system lacks it.
    var kernels: UnsafePointer<cvk_kernels>? { cvk_kernels_for(name) }

    /// The constant table of this set's code kernels, or nil where the CPU or its operating system lacks it.
    var codeKernels: UnsafePointer<cvk_code_kernels>? { cvk_code_kernels_for(name) }

    /// The constant table of this set's FastScan kernels, or nil where the CPU or its operating system lacks it.
    var fastScanKernels: UnsafePointer<cvk_fastscan_kernels>? { cvk_fastscan_kernels_for(name) }

    /// The constant table of this set's binary16 kernels, or nil where the CPU or its operating system lacks it.
    var float16Kernels: UnsafePointer<cvk_float16_kernels>? { cvk_float16_kernels_for(name) }

    /// The constant table of this set's screening kernels, or nil where the CPU or its operating system lacks it.
    var screenKernels: UnsafePointer<cvk_screen_kernels>? { cvk_screen_kernels_for(name) }

    private var name: cvk_instruction_set {
        switch self {
        case .scalar: CVK_SCALAR
        case .neon: CVK_NEON
        case .avx2: CVK_AVX2
        case .avx512: CVK_AVX512
        }
    }
}
