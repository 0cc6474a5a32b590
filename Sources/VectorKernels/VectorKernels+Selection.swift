#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension VectorKernels {
    /// Forces an instruction set by its name (`scalar`, `neon`, `avx2`, `avx512`), for tests and comparisons. Unset or empty: the fastest.
    public static let environmentVariable = "LYRICA_KERNELS"

    /// The kernels this process uses, chosen when first asked for: the set named by the environment variable, else the fastest.
    ///
    /// A name that cannot be honoured ends the process here with its message. A server therefore calls `select(forced:)` first, which throws.
    public static let active: VectorKernels = {
        do {
            return try select(forced: getenv(environmentVariable).map { String(cString: $0) })
        } catch {
            // Unlike a precondition, this prints its message in release builds too.
            fatalError("\(error)")
        }
    }()

    /// Every set this machine can run, slowest first; `scalar` is always there.
    public static func available() -> [VectorKernels] {
        InstructionSet.allCases.compactMap { VectorKernels($0) }
    }

    /// The kernels of the set called `forced`, or the fastest when it is nil or empty.
    ///
    /// - Throws: `KernelSelectionError` when no set has that name (names are lower case) or this machine lacks it.
    public static func select(forced: String?) throws(KernelSelectionError) -> VectorKernels {
        let available = available()
        guard let name = forced, !name.isEmpty else { return available[available.count - 1] }
        guard let set = InstructionSet(rawValue: name) else {
            throw .unknown(name: name, available: available.map(\.instructionSet))
        }
        guard let kernels = VectorKernels(set) else {
            throw .unavailable(set, available: available.map(\.instructionSet))
        }
        return kernels
    }
}
