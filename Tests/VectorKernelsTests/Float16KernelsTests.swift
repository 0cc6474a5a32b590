import TestSupport
import Testing
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The kernels of binary16: conversions against what IEEE 754 says, distances bit for bit against those of the same numbers as floats.
@Suite struct Float16KernelsTests {
    @Test(arguments: VectorKernels.available())
    func everyNumberIsWidenedExactlyAndComesBack(_ kernels: VectorKernels) {
        let all = (0...UInt16.max).map { $0 }
        var floats = [Float](repeating: -7, count: all.count)
        var back = [UInt16](repeating: 0, count: all.count)
        kernels.widen(all, count: all.count, into: &floats)
        kernels.narrow(floats, count: all.count, into: &back)
        for (bits, float) in zip(all, floats) {
            let expected = Self.value(bits)
            let isQuiet = float.bitPattern & 0x40_0000 != 0
            guard expected.isNaN ? float.isNaN && isQuiet : float.bitPattern == expected.bitPattern else {
                Issue.record("\(bits) became \(float)")
                continue
            }
            // Of a NaN the payload is kept.
            let same = expected.isNaN ? bits | 0x200 : bits
            #expect(back[Int(bits)] == same && (!expected.isNaN || float.bitPattern & 0x1FFF == 0), "\(bits)")
        }
    }

    /// Around every number, and in the middle between neighbours, where the even one is chosen.
    @Test(arguments: VectorKernels.available())
    func narrowingChoosesTheNearest(_ kernels: VectorKernels) {
        var floats: [Float] = []
        var expected: [UInt16] = []
        for bits in UInt16(0)..<0x7BFF {
            let (low, high) = (Self.value(bits), Self.value(bits + 1))
            let middle = (low + high) / 2
            let even = bits % 2 == 0 ? bits : bits + 1
            floats += [low, low.nextUp, middle.nextDown, middle, middle.nextUp, high.nextDown]
            expected += [bits, bits, bits, even, bits + 1, bits + 1]
        }
        floats += [65_504, 65_519.996, 65_520, .greatestFiniteMagnitude, .infinity, .leastNonzeroMagnitude, 0x1p-25, 0x1.000002p-25]
        expected += [0x7BFF, 0x7BFF, 0x7C00, 0x7C00, 0x7C00, 0, 0, 1]
        for sign: Float in [1, -1] {
            var found = [UInt16](repeating: 0, count: floats.count)
            kernels.narrow(floats.map { $0 * sign }, count: floats.count, into: &found)
            #expect(found == expected.map { sign > 0 ? $0 : $0 | 0x8000 })
        }
    }

    @Test(arguments: VectorKernels.available())
    func conversionsTakeAnyCount(_ kernels: VectorKernels) {
        for count in 0...70 {
            let bits = (0..<count).map { UInt16(0x3C00 + $0) }
            // One slot more than needed, to see that nothing is written past the last.
            var floats = [Float](repeating: -7, count: count + 1)
            var back = [UInt16](repeating: 9, count: count + 1)
            kernels.widen(bits, count: count, into: &floats)
            kernels.narrow(floats, count: count, into: &back)
            #expect(floats == bits.map(Self.value) + [-7] && back == bits + [9], "count \(count)")
        }
    }

    @Test(arguments: VectorKernels.available())
    func distancesHaveTheBitsThatFloatsGive(_ kernels: VectorKernels) {
        var generator = SeededGenerator(seed: runSeed &+ 30)
        for dimension in [0] + dimensions {
            for (count, padding) in [(1, 0), (3, 1), (7, 0), (9, 5)] {
                let stride = dimension + padding
                let bits = (0..<count * stride).map { _ in Self.random(&generator) }
                let query = (0..<dimension).map { _ in Float.random(in: -2...2, using: &generator) }
                var floats = [Float](repeating: 0, count: bits.count)
                kernels.widen(bits, count: bits.count, into: &floats)
                let ordinals = (0..<count + 3).map { _ in UInt32.random(in: 0..<UInt32(count), using: &generator) }
                let results = results(kernels, query, bits, stride, count, ordinals, dimension)
                let expected = expected(kernels, query, floats, stride, count, ordinals, dimension)
                #expect(
                    results.map(\.bitPattern) == expected.map(\.bitPattern),
                    "dimension \(dimension), count \(count); replay with LYRICA_TEST_SEED=\(runSeed)")
            }
        }
    }

    /// A row may end where a mapping ends: a kernel that reads past it dies here.
    @Test func nothingIsReadPastTheLastNumber() async {
        await #expect(processExitsWith: .success) {
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            guard let memory = mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED,
                mprotect(memory + page, page, PROT_NONE) == 0
            else { exit(2) }
            // SAFETY: the mapping is zero-filled; `end` is one past its last readable number, and each row lies just before it.
            let end = (memory + page).assumingMemoryBound(to: UInt16.self)
            let query = [Float](repeating: 1, count: 300)
            var results = [Float](repeating: 0, count: 300)
            for kernels in VectorKernels.available() {
                for dimension in 1...300 {
                    let row = end - dimension
                    kernels.squaredL2(query: query, rows: row, stride: dimension, count: 1, dimension: dimension, into: &results)
                    kernels.innerProduct(
                        query: query, base: row, stride: dimension, ordinals: [0, 0, 0, 0, 0], count: 5, dimension: dimension, into: &results)
                    kernels.widen(row, count: dimension, into: &results)
                    kernels.narrow(query, count: dimension, into: row)
                }
            }
            exit(0)
        }
    }

    private func results(
        _ kernels: VectorKernels, _ query: [Float], _ rows: [UInt16], _ stride: Int, _ count: Int, _ ordinals: [UInt32], _ dimension: Int
    ) -> [Float] {
        var (a, b) = ([Float](repeating: -7, count: count + 1), [Float](repeating: -7, count: count + 1))
        var (c, d) = ([Float](repeating: -7, count: ordinals.count + 1), [Float](repeating: -7, count: ordinals.count + 1))
        kernels.squaredL2(query: query, rows: rows, stride: stride, count: count, dimension: dimension, into: &a)
        kernels.innerProduct(query: query, rows: rows, stride: stride, count: count, dimension: dimension, into: &b)
        kernels.squaredL2(query: query, base: rows, stride: stride, ordinals: ordinals, count: ordinals.count, dimension: dimension, into: &c)
        kernels.innerProduct(query: query, base: rows, stride: stride, ordinals: ordinals, count: ordinals.count, dimension: dimension, into: &d)
        return a + b + c + d
    }

    private func expected(
        _ kernels: VectorKernels, _ query: [Float], _ rows: [Float], _ stride: Int, _ count: Int, _ ordinals: [UInt32], _ dimension: Int
    ) -> [Float] {
        rows.withUnsafeBufferPointer { rows in
            query.withUnsafeBufferPointer { query in
                // Empty buffers may have no address; then nothing is read.
                let nothing = UnsafeMutablePointer<Float>.allocate(capacity: 1)
                defer { nothing.deallocate() }
                let (query, base) = (query.baseAddress ?? UnsafePointer(nothing), rows.baseAddress ?? UnsafePointer(nothing))
                let all = Array(0..<UInt32(count))
                return [all, ordinals].flatMap { ordinals in
                    ordinals.map { kernels.squaredL2(query, base + Int($0) * stride, dimension: dimension) } + [-7]
                        + ordinals.map { kernels.innerProduct(query, base + Int($0) * stride, dimension: dimension) } + [-7]
                }
            }
        }
    }

    /// Any finite number, more often one near 1.
    private static func random(_ generator: inout SeededGenerator) -> UInt16 {
        let bits = UInt16.random(in: generator.chance(0.5) ? 0...UInt16.max : 0x3000...0x3FFF, using: &generator)
        return bits & 0x7C00 == 0x7C00 ? bits & 0xBFFF : bits
    }

    /// What the bits stand for, from the definition.
    private static func value(_ bits: UInt16) -> Float {
        let sign: FloatingPointSign = bits & 0x8000 == 0 ? .plus : .minus
        let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Float(bits & 0x3FF))
        switch exponent {
        case 0: return Float(sign: sign, exponent: -24, significand: fraction)
        case 31: return fraction == 0 ? (sign == .plus ? .infinity : -.infinity) : .nan
        case let exponent: return Float(sign: sign, exponent: exponent - 25, significand: 1_024 + fraction)
        }
    }
}
