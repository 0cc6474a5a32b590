import Testing
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite struct KernelSelectionTests {
    private let available = VectorKernels.available().map(\.instructionSet)

    @Test func scalarIsAlwaysThereAndTheFastestIsLast() throws {
        #expect(available.first == .scalar)
        #expect(try VectorKernels.select(forced: nil).instructionSet == available.last)
        #expect(try VectorKernels.select(forced: "").instructionSet == available.last)
    }

    @Test(arguments: InstructionSet.allCases)
    func aSetIsSelectedByNameWhereItExists(_ set: InstructionSet) throws {
        if available.contains(set) {
            #expect(try VectorKernels.select(forced: set.rawValue).instructionSet == set)
        } else {
            #expect(throws: KernelSelectionError.unavailable(set, available: available)) {
                try VectorKernels.select(forced: set.rawValue)
            }
        }
    }

    @Test(arguments: ["sse9", "AVX2", "scalar "])
    func anUnknownNameIsRefusedWithTheNamesThatWork(_ name: String) {
        let error = KernelSelectionError.unknown(name: name, available: available)
        #expect(throws: error) { try VectorKernels.select(forced: name) }
        #expect("\(error)".contains("\"\(name)\""))
        for set in available { #expect("\(error)".contains(set.rawValue)) }
    }

    @Test func theEnvironmentVariableForcesTheActiveSet() async {
        await #expect(processExitsWith: .success) {
            setenv("LYRICA_KERNELS", "scalar", 1)
            exit(VectorKernels.active.instructionSet == .scalar ? 0 : 1)
        }
    }

    @Test func aWrongEnvironmentVariableEndsTheProcessWithItsMessage() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            setenv("LYRICA_KERNELS", "abacus", 1)
            _ = VectorKernels.active
        }
        let message = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(message.contains("LYRICA_KERNELS: no instruction set is called \"abacus\"; available here: scalar"))
    }
}
