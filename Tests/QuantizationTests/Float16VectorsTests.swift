import Quantization
import TestSupport
import Testing
import VectorKernels

@Suite struct Float16VectorsTests {
    @Test func theFirstNumberThatCannotBeStoredIsFound() {
        func place(_ numbers: [Float]) -> Int? { numbers.withUnsafeBufferPointer { Float16Vectors.firstUnstorable(in: $0) } }
        #expect(place([]) == nil)
        #expect(place([0, 65_504, -65_504, .leastNonzeroMagnitude]) == nil)
        #expect(place([1, Float(65_504).nextUp, 1e9]) == 1)
        #expect(place([1, 2, Float(-65_504).nextDown]) == 2)
        #expect(place([.nan]) == 0 && place([-.infinity]) == 0)
    }

    @Test(arguments: Seeds.some(4), VectorKernels.available())
    func roundingIsThatOfTheStoredBitsAndHappensOnce(seed: UInt64, kernels: VectorKernels) {
        var generator = SeededGenerator(seed: seed)
        let numbers = (0..<Int.random(in: 1...2_000, using: &generator)).map { _ in
            Float(sign: .plus, exponent: .random(in: -30...14, using: &generator), significand: .random(in: -2...2, using: &generator))
        }
        var rounded = numbers
        rounded.withUnsafeMutableBufferPointer { Float16Vectors.round($0.baseAddress!, count: $0.count, kernels: kernels) }
        var bits = [UInt16](repeating: 0, count: numbers.count)
        var back = numbers
        Float16Vectors.narrow(numbers, count: numbers.count, into: &bits, kernels: kernels)
        Float16Vectors.widen(bits, count: numbers.count, into: &back, kernels: kernels)
        #expect(rounded == back, "\(Seeds.replay(seed))")
        for (number, rounded) in zip(numbers, rounded) {
            #expect((number - rounded).magnitude <= max(number.magnitude * 0x1p-11, 0x1p-25), "\(number) became \(rounded); \(Seeds.replay(seed))")
        }
        var again = rounded
        again.withUnsafeMutableBufferPointer { Float16Vectors.round($0.baseAddress!, count: $0.count, kernels: kernels) }
        #expect(again == rounded, "\(Seeds.replay(seed))")
    }

    @Test func whatIsBeyondTheLargestBecomesIt() {
        var numbers: [Float] = [65_504, 70_000, -1e30, .infinity]
        numbers.withUnsafeMutableBufferPointer { Float16Vectors.round($0.baseAddress!, count: 4) }
        #expect(numbers == [65_504, 65_504, -65_504, 65_504])
    }
}
