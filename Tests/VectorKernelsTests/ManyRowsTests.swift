import TestSupport
import Testing
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The forms that compare one query with many rows: bit for bit what the one-to-one form gives, which `VectorKernelsTests` checks for accuracy.
extension VectorKernelsTests {
    @Test(arguments: VectorKernels.available())
    func contiguousRowsMatchOneToOne(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 10)
        for dimension in dimensions {
            for (count, padding, offset) in [(1, 0, 0), (3, 0, 1), (7, 1, 2), (9, 5, 3), (0, 0, 0)] {
                let rows = Rows(dimension: dimension, count: count, stride: dimension + padding, offset: offset) {
                    .random(in: -1...1, using: &generator)
                }
                // One slot more than needed, to see that nothing is written past the last.
                var l2 = [Float](repeating: -7, count: count + 1)
                var products = l2
                kernels.squaredL2(query: rows.query, rows: rows.base, stride: rows.stride, count: count, dimension: dimension, into: &l2)
                kernels.innerProduct(query: rows.query, rows: rows.base, stride: rows.stride, count: count, dimension: dimension, into: &products)
                let expected = oneToOne(kernels, rows, ordinals: Array(0..<UInt32(count)))
                #expect(l2 == expected.l2 + [-7] && products == expected.products + [-7], "dimension \(dimension), count \(count), seed \(runSeed)")
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func gatheredRowsMatchOneToOne(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 11)
        for dimension in dimensions {
            let rows = Rows(dimension: dimension, count: 6, stride: dimension + dimension % 4, offset: dimension % 3) {
                .random(in: -1...1, using: &generator)
            }
            for count in [0, 1, 2, 3, 4, 5, 8, 13] {
                // More ordinals than rows: some repeat.
                let ordinals = (0..<count).map { _ in UInt32.random(in: 0..<UInt32(rows.count), using: &generator) }
                var l2 = [Float](repeating: -7, count: count + 1)
                var products = l2
                kernels.squaredL2(
                    query: rows.query, base: rows.base, stride: rows.stride, ordinals: ordinals, count: count, dimension: dimension, into: &l2)
                kernels.innerProduct(
                    query: rows.query, base: rows.base, stride: rows.stride, ordinals: ordinals, count: count, dimension: dimension,
                    into: &products)
                let expected = oneToOne(kernels, rows, ordinals: ordinals)
                #expect(l2 == expected.l2 + [-7] && products == expected.products + [-7], "dimension \(dimension), count \(count), seed \(runSeed)")
            }
        }
    }

    /// An ordinal times a stride may exceed 32 bits. Only address space is reserved: the pages in between are never touched.
    @Test(arguments: VectorKernels.available())
    func offsetsBeyondFourBillionFloatsAreReached(_ kernels: VectorKernels) throws {
        let stride = 1 << 16
        let ordinals: [UInt32] = [0, 70_000, 70_000, 3, 69_999, 65_536, 1]
        let bytes = (70_000 * stride + 4) * MemoryLayout<Float>.stride
        let memory = try #require(map(bytes: bytes))
        defer { munmap(memory, bytes) }
        // SAFETY: the mapping is zero-filled and reaches past the last row gathered.
        let base = memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
        for ordinal in ordinals { base[Int(ordinal) * stride] = Float(ordinal) }
        var results = [Float](repeating: -7, count: ordinals.count)
        let query: [Float] = [1, 0, 0, 0]
        kernels.innerProduct(query: query, base: base, stride: stride, ordinals: ordinals, count: ordinals.count, dimension: 4, into: &results)
        #expect(results == ordinals.map { Float($0) })
    }

    /// A row may end where a mapping ends: a kernel that reads past it dies here.
    @Test func nothingIsReadPastTheLastFloat() async {
        await #expect(processExitsWith: .success) {
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            let usable = 4 * page
            guard let memory = map(bytes: usable + page), mprotect(memory + usable, page, PROT_NONE) == 0 else { exit(2) }
            // SAFETY: the mapping is zero-filled; `end` is one past its last readable float, and each row lies just before it.
            let end = (memory + usable).assumingMemoryBound(to: Float.self)
            let ordinals: [UInt32] = [0, 0, 0, 0, 0]
            var results = [Float](repeating: 0, count: ordinals.count)
            for kernels in VectorKernels.available() {
                for dimension in 1...300 {
                    let row = end - dimension
                    _ = kernels.squaredL2(row, row, dimension: dimension)
                    _ = kernels.innerProduct(row, row, dimension: dimension)
                    _ = kernels.cosineParts(query: row, row: row, dimension: dimension)
                    let rows = end - 5 * dimension
                    kernels.squaredL2(query: row, rows: rows, stride: dimension, count: 5, dimension: dimension, into: &results)
                    kernels.squaredL2(query: row, base: row, stride: dimension, ordinals: ordinals, count: 5, dimension: dimension, into: &results)
                }
            }
            exit(0)
        }
    }

    private func oneToOne(_ kernels: VectorKernels, _ rows: Rows, ordinals: [UInt32]) -> (l2: [Float], products: [Float]) {
        (
            ordinals.map { kernels.squaredL2(rows.query, rows.row(Int($0)), dimension: rows.dimension) },
            ordinals.map { kernels.innerProduct(rows.query, rows.row(Int($0)), dimension: rows.dimension) }
        )
    }
}

/// Zero-filled address space of which only touched pages cost memory, or nil.
private func map(bytes: Int) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    return memory == MAP_FAILED ? nil : memory
}
