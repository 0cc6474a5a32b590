import CAllocator
import FoundationEssentials
import VectorKernels

/// The machine and what this process takes of it.
package enum Machine {
    /// Processor, their number, and the instruction set that the kernels use, such as `AMD EPYC 9B14, 2 processors, avx512`.
    package static var summary: String {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        return "\(processorName), \(processors) processor\(processors == 1 ? "" : "s"), \(VectorKernels.active)"
    }

    /// Bytes of this process that are in memory now, after what was freed has been given back to the system.
    package static func residentBytes() -> Int {
        callocator_return_freed_memory()
        return (field("VmRSS", of: "/proc/self/status")?.split(separator: " ").first).flatMap { Int($0) }.map { $0 * 1_024 } ?? 0
    }

    private static var processorName: String { field("model name", of: "/proc/cpuinfo") ?? "unknown processor" }

    /// The value of the first line `name : value` of a file of the system.
    private static func field(_ name: String, of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return line[line.index(after: colon)...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return nil
    }
}
