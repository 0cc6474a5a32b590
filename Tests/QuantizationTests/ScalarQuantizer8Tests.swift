import Quantization
import TestSupport
import Testing

@Suite struct ScalarQuantizer8Tests {
    @Test func aCodeRowIsTheDimensionRoundedUp() {
        #expect([1, 63, 64, 65, 384, 385, 65_535].map(ScalarQuantizer8.codeStride) == [64, 64, 64, 128, 384, 448, 65_536])
    }

    /// Codes and parameters are what a file holds: neither the layout nor a single bit may change unnoticed.
    @Test func theResultIsPinned() {
        #expect(MemoryLayout<CodeParameters>.size == 16 && MemoryLayout<CodeParameters>.stride == 16)
        let encoded = Encoded([3, -4, 0, 0.5, 12.7])
        #expect(Array(encoded.codes[..<6]) == [30, -40, 0, 5, 127, 0])
        let parameters = encoded.parameters
        let bits = [parameters.scale, parameters.errorNorm, parameters.inverseNorm, parameters.squaredNorm].map(\.bitPattern)
        #expect(bits == [0x3DCC_CCCD, 0x34CF_EC4F, 0x3D95_F2FB, 0x433A_8A3E])
        let stored = withUnsafeBytes(of: CodeParameters(scale: 1, errorNorm: 2, inverseNorm: 3, squaredNorm: 4)) { Array($0) }
        #expect(stored == [Float(1), 2, 3, 4].flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
    }

    @Test(arguments: Seeds.some(200))
    func parametersBoundWhatTheCodesLeaveOut(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let vector = Vectors.random(Int.random(in: 1...200, using: &generator), &generator)
        let encoded = Encoded(vector)
        let parameters = encoded.parameters
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let values = zip(vector, encoded.codes).map { (value: Double($0), code: Double($1) * Double(parameters.scale)) }
        let error = values.reduce(0.0) { $0 + ($1.value - $1.code) * ($1.value - $1.code) }.squareRoot()
        #expect(error <= Double(parameters.errorNorm), "\(Seeds.replay(seed))")
        #expect(encoded.codes.dropFirst(vector.count).allSatisfy { $0 == 0 } && encoded.codes.allSatisfy { $0 >= -127 })
        if norm == 0 {
            #expect(parameters == .zero)
        } else if ScalarQuantizer8.ordinaryNorms.contains(norm) {
            // Half a step per dimension is the most that rounding leaves out, and the bound is that error, not a guess.
            #expect(error <= 0.5001 * Double(parameters.scale) * Double(vector.count).squareRoot(), "\(Seeds.replay(seed))")
            #expect(Double(parameters.errorNorm) <= error * 1.000001 + 1e-44, "\(Seeds.replay(seed))")
            #expect((Double(parameters.inverseNorm) * norm - 1).magnitude <= 0x1p-24, "\(Seeds.replay(seed))")
            let squares = values.reduce(0.0) { $0 + $1.code * $1.code }
            #expect((Double(parameters.squaredNorm) / squares - 1).magnitude <= 0x1p-24, "\(Seeds.replay(seed))")
        } else {
            #expect(parameters == .unknown, "\(Seeds.replay(seed))")
        }
    }

    @Test func whatCannotBeEncodedIsUnknown() {
        for strange: Float in [.nan, -.nan, .signalingNaN, .infinity, -.infinity, .greatestFiniteMagnitude, 0x1p41, 0x1p-41, .leastNonzeroMagnitude] {
            for place in 0..<20 {
                var vector = [Float](repeating: 0, count: 20)
                vector[place] = strange
                let encoded = Encoded(vector)
                #expect(encoded.parameters == .unknown && encoded.codes.allSatisfy { $0 == 0 }, "\(strange)")
            }
        }
        #expect(Encoded([0x1p40]).parameters != .unknown && Encoded([0x1p-40]).parameters != .unknown)
    }

    @Test func aVectorOnTheGridHasNoError() {
        let encoded = Encoded((0..<100).map { Float($0 % 2 == 0 ? 127 : -($0 % 128)) })
        #expect(encoded.parameters.errorNorm == 0)
        #expect(Encoded([Float](repeating: 0, count: 70)).parameters == .zero)
    }
}
