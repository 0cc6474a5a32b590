import TestSupport
import Testing
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Scans over 1-bit codes and what goes with them: every instruction set of this machine against plain Swift, and all with the same bits.
@Suite struct FastScanTests {
    /// On both sides of where sums in 16 bits must be widened.
    private static let chunkCounts = [1, 2, 3, 4, 24, 48, 127, 128, 129, 256, 257, 1_024]
    private static let replay: Comment = "replay with LYRICA_TEST_SEED=\(runSeed)"
    private static let scalar = VectorKernels(.scalar)!

    @Test(arguments: VectorKernels.available())
    func sumsAreThoseOfTheTable(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 40)
        for chunks in Self.chunkCounts {
            for blocks in [0, 1, 2, 3, 5] {
                let stride = chunks * FastScan.chunkBytes + 256
                let codes = (0..<blocks * stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let isFull = generator.chance(percent: 30)
                let table = (0..<chunks * FastScan.chunkBytes).map { _ in isFull ? 255 : UInt8.random(in: 0...255, using: &generator) }
                var sums = [UInt32](repeating: 7, count: 32 * blocks + 1)
                kernels.fastScanSums(codes: codes, stride: stride, blocks: blocks, table: table, chunks: chunks, into: &sums)
                var expected = (0..<32 * blocks).map { row in
                    (0..<4 * chunks).reduce(UInt32(0)) { sum, group in
                        let byte = codes[row / 32 * stride + group / 4 * 64 + 4 * (row % 16) + group % 4]
                        return sum + UInt32(table[16 * group + Int(row % 32 < 16 ? byte & 15 : byte >> 4)])
                    }
                }
                expected.append(7)
                #expect(sums == expected, "\(chunks) chunks, \(blocks) blocks; \(Self.replay)")
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func estimatesAndMasksAreTheSameInEverySet(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 41)
        for chunks in [1, 4, 24, 96] {
            for blocks in [1, 2, 5] {
                let stride = chunks * FastScan.chunkBytes + 256
                var codes = (0..<blocks * stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
                codes.withUnsafeMutableBytes { bytes in
                    for block in 0..<blocks {
                        for number in 0..<64 {
                            let value: Float = generator.chance(percent: 2) ? .nan : .random(in: -1...1, using: &generator)
                            bytes.storeBytes(of: value, toByteOffset: block * stride + chunks * 64 + 4 * number, as: Float.self)
                        }
                    }
                }
                let table = (0..<chunks * FastScan.chunkBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let how = FastScanEstimate(step: 0.01 / Float(chunks), shift: -1.3, threshold: 0.1)
                let (found, masks) = Self.select(kernels, codes, stride, blocks, table, chunks, how)
                let (expected, expectedMasks) = Self.select(Self.scalar, codes, stride, blocks, table, chunks, how)
                #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), Self.replay)
                #expect(masks == expectedMasks, Self.replay)
                for (row, estimate) in found.enumerated() {
                    #expect((masks[row / 32] >> UInt32(row % 32) & 1 == 1) == (estimate < how.threshold), Self.replay)
                }
            }
        }
    }

    private static func select(
        _ kernels: VectorKernels, _ codes: [UInt8], _ stride: Int, _ blocks: Int, _ table: [UInt8], _ chunks: Int, _ how: FastScanEstimate
    ) -> ([Float], [UInt32]) {
        var estimates = [Float](repeating: 0, count: 32 * blocks)
        var masks = [UInt32](repeating: 0, count: blocks)
        kernels.fastScanSelect(
            codes: codes, stride: stride, blocks: blocks, table: table, chunks: chunks, how, estimates: &estimates, masks: &masks)
        return (estimates, masks)
    }

    /// What lies ahead changes nothing and is not read: it may be anywhere.
    @Test(arguments: VectorKernels.available())
    func askingForWhatLiesAheadChangesNothing(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 45)
        for chunks in Self.chunkCounts {
            for blocks in [0, 1, 2, 3, 5] {
                let stride = chunks * FastScan.chunkBytes + 256
                var codes = (0..<blocks * stride).map { _ in UInt8.random(in: 0...255, using: &generator) }
                codes.withUnsafeMutableBytes { bytes in
                    for block in 0..<blocks {
                        for number in 0..<64 {
                            let value = Float.random(in: -1...1, using: &generator)
                            bytes.storeBytes(of: value, toByteOffset: block * stride + chunks * 64 + 4 * number, as: Float.self)
                        }
                    }
                }
                let table = (0..<chunks * FastScan.chunkBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let how = FastScanEstimate(step: 0.01 / Float(chunks), shift: -1.3, threshold: 0.1)
                let (expected, expectedMasks) = Self.select(kernels, codes, stride, blocks, table, chunks, how)
                // No process has its first page: a kernel that reads there dies.
                for address in [64, 4_000] {
                    let ahead = UnsafePointer<UInt8>(bitPattern: address)!
                    var estimates = [Float](repeating: 7, count: 32 * blocks + 1)
                    var masks = [UInt32](repeating: 7, count: blocks + 1)
                    kernels.fastScanSelect(
                        codes: codes, stride: stride, blocks: blocks, table: table, chunks: chunks, how, ahead: ahead, estimates: &estimates,
                        masks: &masks)
                    #expect(estimates.map(\.bitPattern) == (expected + [7]).map(\.bitPattern), "\(chunks) chunks, \(blocks) blocks; \(Self.replay)")
                    #expect(masks == expectedMasks + [7], "\(chunks) chunks, \(blocks) blocks; \(Self.replay)")
                }
            }
        }
    }

    /// Packing, the table and the sum together give the sum over the one-bits that the documentation promises.
    @Test(arguments: VectorKernels.available())
    func aScanAddsUpTheVectorOverTheOneBits(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 42)
        for chunks in [1, 4, 24] {
            let dimension = chunks * FastScan.chunkDimensions
            let vector = generator.vector(dimension)
            var table = [UInt8](repeating: 1, count: chunks * FastScan.chunkBytes), scalarTable = table
            let scale = kernels.makeFastScanTable(of: vector, chunks: chunks, into: &table)
            let scalarScale = Self.scalar.makeFastScanTable(of: vector, chunks: chunks, into: &scalarTable)
            #expect(table == scalarTable && scale.base == scalarScale.base && scale.step == scalarScale.step, Self.replay)
            let rows = (0..<FastScan.rows).map { _ in generator.vector(dimension) }
            var block = [UInt8](repeating: 0, count: chunks * FastScan.chunkBytes)
            for (number, row) in rows.enumerated() { FastScan.pack(row: number, signs: row, chunks: chunks, into: &block) }
            var sums = [UInt32](repeating: 0, count: FastScan.rows)
            kernels.fastScanSums(codes: block, stride: block.count, blocks: 1, table: table, chunks: chunks, into: &sums)
            for (number, row) in rows.enumerated() {
                let exact = zip(row, vector).reduce(0.0) { $1.0 > 0 ? $0 + Double($1.1) : $0 }
                let found = Double(scale.base) + Double(scale.step) * Double(sums[number])
                #expect(abs(found - exact) <= Double(scale.step) * Double(4 * chunks) * 0.51 + 1e-4, Self.replay)
            }
        }
    }

    @Test(arguments: VectorKernels.available())
    func tablesOfUnusualVectors(_ kernels: VectorKernels) {
        for value: Float in [0, .leastNonzeroMagnitude, -.leastNormalMagnitude, 1e-30, 8e37, -8e37] {
            let vector = [Float](repeating: value, count: 64)
            var table = [UInt8](repeating: 1, count: 256), expected = table
            let scale = kernels.makeFastScanTable(of: vector, chunks: 4, into: &table)
            _ = Self.scalar.makeFastScanTable(of: vector, chunks: 4, into: &expected)
            #expect(table == expected)
            #expect(!scale.step.isNaN && !scale.base.isNaN)
        }
    }

    @Test(arguments: VectorKernels.available())
    func productsOfNibblesAreExact(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 43)
        for bytes in [0, 32, 64, 96, 192, 224, 1_536, NibbleCodes.bytesMax] {
            let count = bytes > 10_000 ? 2 : 9
            let stride = bytes + 12
            let isExtreme = generator.chance(percent: 50)
            let rows = (0..<count * stride).map { _ in isExtreme ? 255 : UInt8.random(in: 0...255, using: &generator) }
            let query = (0..<2 * bytes).map { _ in isExtreme ? 127 : Int8.random(in: -127...127, using: &generator) }
            let positions = (0..<2 * count).map { _ in UInt32.random(in: 0..<UInt32(count), using: &generator) }
            var products = [Int32](repeating: 7, count: positions.count + 1)
            kernels.nibbleProducts(
                query: query, rows: rows, stride: stride, bytes: bytes, positions: positions, count: positions.count, into: &products)
            var expected = positions.map { position in
                (0..<bytes).reduce(Int32(0)) { sum, index in
                    let byte = rows[Int(position) * stride + index]
                    return sum + Int32(query[index]) * Int32(byte & 15) + Int32(query[bytes + index]) * Int32(byte >> 4)
                }
            }
            expected.append(7)
            #expect(products == expected, "\(bytes) bytes; \(Self.replay)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func productsOfCrumbsAreExact(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 46)
        for bytes in [0, 16, 32, 48, 80, 96, 112, 384, CrumbCodes.bytesMax] {
            let count = bytes > 10_000 ? 2 : 9
            let stride = bytes + 8
            let isExtreme = generator.chance(percent: 50)
            let rows = (0..<count * stride).map { _ in isExtreme ? 255 : UInt8.random(in: 0...255, using: &generator) }
            let query = (0..<4 * bytes).map { _ in isExtreme ? -127 : Int8.random(in: -127...127, using: &generator) }
            let positions = (0..<2 * count).map { _ in UInt32.random(in: 0..<UInt32(count), using: &generator) }
            var products = [Int32](repeating: 7, count: positions.count + 1)
            kernels.crumbProducts(
                query: query, rows: rows, stride: stride, bytes: bytes, positions: positions, count: positions.count, into: &products)
            var expected = positions.map { position in
                (0..<4 * bytes).reduce(Int32(0)) { sum, dimension in
                    let byte = rows[Int(position) * stride + dimension % bytes]
                    return sum + Int32(query[dimension]) * Int32(byte >> UInt8(2 * (dimension / bytes)) & 3)
                }
            }
            expected.append(7)
            #expect(products == expected, "\(bytes) bytes; \(Self.replay)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func theSmallestAreFound(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 44)
        for count in [1, 2, 15, 16, 17, 31, 100, 1_000, 2_049] {
            for wanted in [1, 2, 10, count / 2, count].filter({ (1...count).contains($0) }) {
                let hasTies = generator.chance(percent: 30)
                let values = (0..<count).map { _ in
                    hasTies ? Float(Int.random(in: 0..<3, using: &generator)) : Float.random(in: -5...1e6, using: &generator)
                }
                var found = [UInt32](repeating: 0, count: count)
                let number = kernels.collectSmallest(values, count: count, wanted: wanted, into: &found)
                let chosen = found[..<number].map { Int($0) }
                #expect(number >= wanted && chosen == chosen.sorted() && Set(chosen).count == number, Self.replay)
                // Nothing that was left out is smaller than what was taken, and without ties hardly more is taken than wanted.
                let limit = chosen.map { values[$0] }.max()!
                #expect(values.indices.allSatisfy { values[$0] > limit || Set(chosen).contains($0) }, Self.replay)
                if !hasTies { #expect(number <= wanted + wanted / 8 + count / 20 + 1, "\(wanted) of \(count): \(number); \(Self.replay)") }
            }
        }
    }

    /// Codes, rows and tables may end where a mapping ends: a kernel that reads past them dies here.
    @Test func nothingIsReadPastTheEnd() async {
        await #expect(processExitsWith: .success) {
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            guard let memory = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED,
                mprotect(memory + page, page, PROT_NONE) == 0
            else { exit(2) }
            // SAFETY: the mapping is zero-filled; `end` is one past its last readable byte, and everything lies just before it.
            let end = (memory + page).assumingMemoryBound(to: UInt8.self)
            for kernels in VectorKernels.available() {
                for chunks in 1...5 {
                    let bytes = chunks * FastScan.chunkBytes
                    var sums = [UInt32](repeating: 0, count: 96)
                    kernels.fastScanSums(codes: end - 3 * bytes, stride: bytes, blocks: 3, table: end - bytes, chunks: chunks, into: &sums)
                    var estimates = [Float](repeating: 0, count: 32)
                    var masks: [UInt32] = [0]
                    kernels.fastScanSelect(
                        codes: end - bytes - 256, stride: 0, blocks: 1, table: end - bytes, chunks: chunks,
                        FastScanEstimate(step: 1, shift: 0, threshold: 0), estimates: &estimates, masks: &masks)
                    let query = [Int8](repeating: 1, count: 64 * chunks)
                    var products: [Int32] = [0]
                    kernels.nibbleProducts(
                        query: query, rows: end - 32 * chunks, stride: 0, bytes: 32 * chunks, positions: [0], count: 1, into: &products)
                    kernels.crumbProducts(
                        query: query, rows: end - 16 * chunks, stride: 0, bytes: 16 * chunks, positions: [0], count: 1, into: &products)
                }
            }
            exit(0)
        }
    }
}
