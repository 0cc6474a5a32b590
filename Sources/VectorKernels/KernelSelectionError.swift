/// The kernels asked for by name cannot be had. The caller's mistake; the same request fails again on this machine.
public enum KernelSelectionError: Error, Equatable, Sendable {
    /// No instruction set has this name.
    case unknown(name: String, available: [InstructionSet])
    /// The set exists, but not on this CPU or its operating system.
    case unavailable(InstructionSet, available: [InstructionSet])
}

extension KernelSelectionError: CustomStringConvertible {
    /// What is wrong and which values would be right, on one line.
    public var description: String {
        switch self {
        case .unknown(let name, let available):
            "\(VectorKernels.environmentVariable): no instruction set is called \"\(name)\"; \(Self.remedy(available))"
        case .unavailable(let set, let available):
            "\(VectorKernels.environmentVariable): this machine does not have \(set); \(Self.remedy(available))"
        }
    }

    private static func remedy(_ available: [InstructionSet]) -> String {
        "available here: \(available.map(\.rawValue).joined(separator: ", ")) (leave it unset for the fastest)"
    }
}
