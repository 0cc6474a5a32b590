import Quantization
import TestSupport
import Testing
import VectorModel

/// The rotation that codes of few bits need, against one written plainly, and against what makes it a rotation.
@Suite struct RandomRotationTests {
    /// Powers of two, which one transform covers, and others, for which two overlap.
    private static let dimensions = [1, 2, 3, 12, 60, 64, 65, 96, 128, 192, 200, 320, 384, 512, 1_000, 1_536, 3_072]

    private static func rotated(_ vector: [Float], _ rotation: RandomRotation) -> [Float] {
        var result = [Float](repeating: .nan, count: rotation.rotatedDimension + 1)
        rotation.rotate(vector, into: &result)
        #expect(result.removeLast().isNaN, "written past the end")
        return result
    }

    /// Signs, a Walsh-Hadamard transform of a window, and a butterfly of the halves, four times over; every operation rounded to a float.
    private static func plain(_ vector: [Float], seed: UInt64) -> [Float] {
        let dimension = RandomRotation.rotatedDimension(vector.count)
        var x = vector + [Float](repeating: 0, count: dimension - vector.count)
        var generator = SplitMix64(seed: seed)
        var signs: [Float] = []
        while signs.count < 4 * dimension {
            let bits = generator.next()
            signs += (0..<64).map { bits >> UInt64($0) & 1 == 0 ? 1 : -1 }
        }
        var (window, bits) = (64, 6)
        while 2 * window <= dimension { (window, bits) = (2 * window, bits + 1) }
        let half: Float = 0x1.6a09e6p-1
        let scale = 1 / Float(1 << (bits / 2)) * (bits % 2 == 1 ? half : 1)
        for round in 0..<4 {
            for index in x.indices { x[index] *= signs[round * dimension + index] }
            let start = round % 2 == 1 ? dimension - window : 0
            var apart = 1
            while apart < window {
                for index in start..<start + window where (index - start) & apart == 0 {
                    (x[index], x[index + apart]) = (x[index] + x[index + apart], x[index] - x[index + apart])
                }
                if apart == 8 { for index in start..<start + window { x[index] *= scale } }
                apart *= 2
            }
            guard window < dimension else { continue }
            for index in 0..<dimension / 2 {
                let (a, b) = (x[index], x[index + dimension / 2])
                (x[index], x[index + dimension / 2]) = ((a + b) * half, (a - b) * half)
            }
        }
        return x
    }

    @Test func dimensionsAreRoundedUp() {
        #expect([1, 63, 64, 65, 384, 385, 65_535].map(RandomRotation.rotatedDimension) == [64, 64, 64, 128, 384, 448, 65_536])
        let rotation = RandomRotation(dimension: 100, seed: 7)
        #expect(rotation.dimension == 100 && rotation.rotatedDimension == 128 && rotation.seed == 7)
    }

    /// Images hold rotated vectors: another order of additions would give other bits, in any instruction set.
    @Test(arguments: Seeds.some(3))
    func theBitsAreThoseOfPlainArithmetic(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for dimension in Self.dimensions {
            let vector = generator.vector(dimension)
            let found = Self.rotated(vector, RandomRotation(dimension: dimension, seed: seed))
            #expect(found.map(\.bitPattern) == Self.plain(vector, seed: seed).map(\.bitPattern), "dimension \(dimension); \(Seeds.replay(seed))")
        }
    }

    @Test(arguments: Seeds.some(3))
    func lengthsAndInnerProductsStay(_ seed: UInt64) {
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        var generator = SeededGenerator(seed: seed)
        for dimension in Self.dimensions + [65_535] {
            let rotation = RandomRotation(dimension: dimension, seed: seed)
            let (a, b) = (generator.vector(dimension), generator.vector(dimension))
            let (c, d) = (Self.rotated(a, rotation), Self.rotated(b, rotation))
            let lengths = (product(a, a) * product(b, b)).squareRoot()
            #expect(abs(product(c, c) / product(a, a) - 1) < 1e-5, "dimension \(dimension); \(Seeds.replay(seed))")
            #expect(abs(product(c, d) - product(a, b)) < 1e-5 * lengths, "dimension \(dimension); \(Seeds.replay(seed))")
        }
    }

    @Test func theSeedDecides() {
        var generator = SeededGenerator(seed: 1)
        let vector = generator.vector(200)
        let rotations = [5, 5, 6].map { Self.rotated(vector, RandomRotation(dimension: 200, seed: $0)) }
        #expect(rotations[0] == rotations[1] && rotations[0] != rotations[2])
    }

    /// A vector along one axis comes out spread over all coordinates, whatever the axis.
    @Test func noCoordinateStaysSpecial() {
        for dimension in [64, 96, 128, 384, 1_536] {
            let rotation = RandomRotation(dimension: dimension, seed: 3)
            for axis in [0, 1, dimension / 2 - 1, dimension / 2, dimension - 1] {
                var vector = [Float](repeating: 0, count: dimension)
                vector[axis] = 1
                let largest = Self.rotated(vector, rotation).map(abs).max()!
                #expect(largest < 6 / Float(rotation.rotatedDimension).squareRoot(), "axis \(axis) of \(dimension): \(largest)")
            }
        }
    }

    @Test func extremeNumbers() {
        for value: Float in [0, .leastNonzeroMagnitude, 1e-30, 1e30] {
            let found = Self.rotated([Float](repeating: value, count: 96), RandomRotation(dimension: 96, seed: 4))
            #expect(found.allSatisfy(\.isFinite) && (value != 0 || found.allSatisfy { $0 == 0 }), "\(value)")
        }
    }
}
