import TestSupport
import Testing
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The kernels of 8-bit codes: every instruction set of this machine against sums in plain Swift, which they must equal.
@Suite struct CodeKernelsTests {
    private static let strides = [0, 64, 128, 192, 256, 320, 384, 448, 1_536, 3_072, VectorKernels.codeStrideMax]
    private static let replay: Comment = "replay with LYRICA_TEST_SEED=\(runSeed)"

    @Test(arguments: VectorKernels.available())
    func allFormsGiveTheExactSums(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 20)
        for stride in Self.strides {
            for count in [0, 1, 2, 3, 4, 5, 8, 13] {
                let query = (0..<stride).map { _ in Int8.random(in: -127...127, using: &generator) }
                let rows = (0..<stride * count).map { _ in Int8.random(in: -128...127, using: &generator) }
                check(kernels, query, rows, count, &generator)
            }
        }
    }

    /// Where 16 bits would overflow, and at the longest stride nearly 32.
    @Test(arguments: VectorKernels.available())
    func theLargestSumsAreExact(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 21)
        for stride in Self.strides {
            for (query, row) in [(Int8(127), Int8(127)), (127, -128), (-127, -128), (-127, 127)] {
                check(kernels, [Int8](repeating: query, count: stride), [Int8](repeating: row, count: 2 * stride), 2, &generator)
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func rowsNeedNoAlignment(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 22)
        let memory = (0..<3 * 192 + 63).map { _ in Int8.random(in: -127...127, using: &generator) }
        for offset in 0..<64 {
            let query = Array(memory[offset..<offset + 192])
            let rows = Array(memory[offset + 100..<min(memory.count, offset + 100 + 384)])
            guard rows.count == 384 else { continue }
            var found: [Int32] = [0, 0]
            memory.withUnsafeBufferPointer {
                kernels.codeInnerProduct(
                    query: $0.baseAddress! + offset, rows: $0.baseAddress! + offset + 100, stride: 192, count: 2, into: &found)
            }
            let single = memory.withUnsafeBufferPointer {
                oneByOne(kernels, $0.baseAddress! + offset, $0.baseAddress! + offset + 100, stride: 192, count: 2)
            }
            #expect(found == [sum(query, rows[..<192]), sum(query, rows[192...])] && single == found, Self.replay)
        }
    }

    /// A row may end where a mapping ends: a kernel that reads past it dies here.
    @Test func nothingIsReadPastTheLastCode() async {
        await #expect(processExitsWith: .success) {
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            guard let memory = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED,
                mprotect(memory + page, page, PROT_NONE) == 0
            else { exit(2) }
            // SAFETY: the mapping is zero-filled; `end` is one past its last readable code, and each row lies just before it.
            let end = (memory + page).assumingMemoryBound(to: Int8.self)
            var results: [Int32] = [0, 0, 0, 0, 0, 0]
            for kernels in VectorKernels.available() {
                for stride in Swift.stride(from: 64, through: 640, by: 64) {
                    let row = end - stride
                    let offset = kernels.codeOffset(query: row, stride: stride)
                    results[0] = kernels.codeInnerProduct(query: row, offset: offset, row: row, stride: stride)
                    kernels.codeInnerProduct(query: row, rows: end - 6 * stride, stride: stride, count: 6, into: &results)
                    kernels.codeInnerProduct(query: row, base: row, stride: stride, ordinals: [0, 0, 0, 0, 0, 0], count: 6, into: &results)
                }
            }
            exit(0)
        }
    }

    private func check(
        _ kernels: VectorKernels, _ query: [Int8], _ rows: [Int8], _ count: Int, _ generator: inout SeededGenerator,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let stride = query.count
        let sums = (0..<count).map { sum(query, rows[$0 * stride..<($0 + 1) * stride]) }
        let ordinals = (0..<count).map { _ in UInt32.random(in: 0..<UInt32(count), using: &generator) }
        // One slot more than needed, to see that nothing is written past the last.
        var found = [Int32](repeating: -7, count: count + 1)
        var gathered = found
        kernels.codeInnerProduct(query: query, rows: rows, stride: stride, count: count, into: &found)
        kernels.codeInnerProduct(query: query, base: rows, stride: stride, ordinals: ordinals, count: count, into: &gathered)
        let single = oneByOne(kernels, query, rows, stride: stride, count: count)
        #expect(single == sums, "stride \(stride); \(Self.replay)", sourceLocation: sourceLocation)
        #expect(found == sums + [-7], "stride \(stride), count \(count); \(Self.replay)", sourceLocation: sourceLocation)
        #expect(gathered == ordinals.map { sums[Int($0)] } + [-7], "stride \(stride), count \(count); \(Self.replay)", sourceLocation: sourceLocation)
    }

    /// Row by row, as a graph's walk asks for them.
    private func oneByOne(_ kernels: VectorKernels, _ query: UnsafePointer<Int8>, _ rows: UnsafePointer<Int8>, stride: Int, count: Int) -> [Int32] {
        let offset = kernels.codeOffset(query: query, stride: stride)
        return (0..<count).map { kernels.codeInnerProduct(query: query, offset: offset, row: rows + $0 * stride, stride: stride) }
    }

    private func sum(_ query: [Int8], _ row: ArraySlice<Int8>) -> Int32 {
        Int32(zip(query, row).reduce(0) { $0 + Int($1.0) * Int($1.1) })
    }
}
