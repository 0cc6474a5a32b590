import Quantization
import TestSupport
import Testing
import VectorKernels

/// Estimates from codes of one, two and four bits against distances in double precision.
@Suite struct RaBitQTests {
    private static func difference(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 - $1 } }
    private static func squaredNorm(_ a: [Float]) -> Double { a.reduce(0) { $0 + Double($1) * Double($1) } }

    private struct Estimates {
        var oneBit = 0.0
        var twoBits = 0.0
        var fourBits = 0.0
        var oneBitDeviation = 0.0
    }

    /// offset − factor·⟨y,q⟩ for codes of a depth.
    private static func estimate(_ depth: RaBitQ.Depth, _ residual: [Float], _ c: [Float], _ q: [Float]) -> Double {
        let (bits, bytes) = (Int(depth.rawValue), depth.bytes(dimension: c.count))
        var codes = [UInt8](repeating: 0xAA, count: bytes)
        let factors = RaBitQ.encode(depth, residual: residual, centre: c, dimension: c.count, into: &codes)
        let product = q.indices.reduce(0.0) { sum, dimension in
            let code = Int(codes[dimension % bytes]) >> (bits * (dimension / bytes)) & (1 << bits - 1)
            return sum + (Double(code) - Double(depth.levelMax)) * Double(q[dimension])
        }
        return Double(factors.offset) - Double(factors.factor) * product
    }

    /// ‖q−c‖² + offset − factor·⟨y,q⟩, for all codes of x around c.
    private static func estimates(_ x: [Float], _ c: [Float], _ q: [Float]) -> Estimates {
        let residual = difference(x, c)
        let squaredDistance = squaredNorm(difference(q, c))
        let signs = RaBitQ.measureSigns(residual: residual, centre: c, dimension: x.count)
        let signProduct = zip(residual, q).reduce(0.0) { $0 + ($1.0 > 0 ? Double($1.1) : -Double($1.1)) }
        return Estimates(
            oneBit: squaredDistance + Double(signs.offset) - Double(signs.factor) * signProduct,
            twoBits: squaredDistance + estimate(.two, residual, c, q), fourBits: squaredDistance + estimate(.four, residual, c, q),
            oneBitDeviation: Double(signs.factor) * (squaredDistance * Double(x.count) * Double(signs.spread) / Double(x.count - 1)).squareRoot())
    }

    @Test(arguments: [64, 128, 384, 1_536])
    func estimatesAreUnbiasedAndAsExactAsTheySay(_ dimension: Int) {
        var generator = SeededGenerator(seed: UInt64(dimension))
        var (bias, deviations, outside, twoBitErrors, fourBitErrors) = (0.0, 0.0, 0, 0.0, 0.0)
        let rounds = 300
        for _ in 0..<rounds {
            let (x, c, q) = (generator.gaussian(dimension), generator.gaussian(dimension), generator.gaussian(dimension))
            let exact = Self.squaredNorm(Self.difference(x, q))
            let found = Self.estimates(x, c, q)
            let error = found.oneBit - exact
            bias += error / found.oneBitDeviation
            deviations += error * error / (found.oneBitDeviation * found.oneBitDeviation)
            if abs(error) > 3 * found.oneBitDeviation { outside += 1 }
            twoBitErrors += abs(found.twoBits - exact) / exact
            fourBitErrors += abs(found.fourBits - exact) / exact
        }
        let count = Double(rounds)
        #expect(abs(bias / count) < 0.25)
        #expect((0.7...1.4).contains(deviations / count))
        #expect(outside < rounds / 50)
        // Two bits are twice as exact as one, four about seven times.
        #expect(twoBitErrors / count < 1.1 / Double(dimension).squareRoot())
        #expect(fourBitErrors / count < 0.35 / Double(dimension).squareRoot())
    }

    @Test func aRowAtItsCentreIsEstimatedExactly() {
        var generator = SeededGenerator(seed: 5)
        let (c, q) = (generator.gaussian(128), generator.gaussian(128))
        let found = Self.estimates(c, c, q)
        let exact = Self.squaredNorm(Self.difference(c, q))
        #expect(abs(found.oneBit - exact) < 1e-3 && abs(found.twoBits - exact) < 1e-3 && abs(found.fourBits - exact) < 1e-3)
    }

    @Test func factorsOfTinyAndHugeRowsAreNumbers() {
        var generator = SeededGenerator(seed: 6)
        for scale: Float in [.leastNonzeroMagnitude, 1e-30, 1e-20, 1e-10, 1e10, 1e17] {
            let residual = generator.gaussian(64).map { $0 * scale }
            let centre = generator.gaussian(64)
            var codes = [UInt8](repeating: 0, count: 32)
            for factors in [
                RaBitQ.measureSigns(residual: residual, centre: centre, dimension: 64),
                RaBitQ.encode(.two, residual: residual, centre: centre, dimension: 64, into: &codes),
                RaBitQ.encode(.four, residual: residual, centre: centre, dimension: 64, into: &codes),
            ] {
                #expect(factors.factor.isFinite && factors.offset.isFinite && (0...1).contains(factors.spread), "scale \(scale)")
            }
        }
    }
}

extension SeededGenerator {
    /// Nearly normal numbers: sums of twelve uniform ones.
    fileprivate mutating func gaussian(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in (0..<12).reduce(Float(0)) { sum, _ in sum + Float.random(in: -0.5...0.5, using: &self) } }
    }
}
