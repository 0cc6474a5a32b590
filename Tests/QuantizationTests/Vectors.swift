import Quantization
import TestSupport
import VectorKernels
import VectorModel

/// Vectors of many sorts: what embeddings look like, and what only an adversary would send.
enum Vectors {
    static func random(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        switch Int.random(in: 0..<14, using: &generator) {
        case 0: return [Float](repeating: 0, count: dimension)
        case 1: return sparse(dimension, &generator)
        case 2: return (0..<dimension).map { _ in generator.chance(0.5) ? 1 : -1 }
        case 3: return scaled(generator.vector(dimension), by: 0x1p-35)
        case 4: return scaled(generator.vector(dimension), by: 0x1p30)
        case 5: return scaled(generator.vector(dimension), by: 0x1p-60)
        case 6: return scaled(generator.vector(dimension), by: 0x1p100)
        case 7: return (0..<dimension).map { _ in Float(bitPattern: .random(in: 0...0x7F_FFFF, using: &generator)) }
        case 8: return (0..<dimension).map { _ in generator.chance(0.5) ? Float.greatestFiniteMagnitude : -Float.greatestFiniteMagnitude }
        case 9: return outlier(dimension, &generator)
        case 10, 11: return grid(dimension, &generator)
        default: return generator.vector(dimension)
        }
    }

    /// A vector near another one, as nearest neighbours are.
    static func near(_ vector: [Float], _ generator: inout SeededGenerator) -> [Float] {
        let share = Float(sign: .plus, exponent: -Int.random(in: 0...24, using: &generator), significand: 1)
        let noise = generator.vector(vector.count)
        return zip(vector, noise).map { value, noise in
            let moved = value * (1 + share * noise)
            return moved.isFinite ? moved : value
        }
    }

    static func scaled(_ vector: [Float], by factor: Float) -> [Float] { vector.map { $0 * factor } }

    private static func sparse(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<dimension).map { _ in generator.chance(0.05) ? Float.random(in: -1...1, using: &generator) : 0 }
    }

    /// What codes say exactly, so that nothing but the margins for rounding is between a bound and the distance.
    private static func grid(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        let scale = Float(Int.random(in: 1...0xFFFF, using: &generator)) * 0x1p-16
        let codes = [127] + (1..<dimension).map { _ in Int.random(in: -127...127, using: &generator) }
        return codes.map { Float($0) * scale }
    }

    /// One number that dwarfs the others, so that their codes say little.
    private static func outlier(_ dimension: Int, _ generator: inout SeededGenerator) -> [Float] {
        var vector = generator.vector(dimension)
        vector[Int.random(in: 0..<dimension, using: &generator)] = 40
        return vector
    }
}

/// A vector's codes and parameters, with a guard behind the codes.
struct Encoded {
    let codes: [Int8]
    let parameters: CodeParameters

    init(_ vector: [Float]) {
        let stride = ScalarQuantizer8.codeStride(dimension: vector.count)
        var codes = [Int8](repeating: 99, count: stride + 1)
        parameters = vector.withUnsafeBufferPointer { vector in
            codes.withUnsafeMutableBufferPointer {
                ScalarQuantizer8.encode(vector.baseAddress!, dimension: vector.count, into: $0.baseAddress!)
            }
        }
        precondition(codes.removeLast() == 99, "written past the row")
        self.codes = codes
    }
}

/// A distance as a scan of the floats computes it.
func scannedDistance(_ query: [Float], _ row: [Float], _ metric: Metric, _ kernels: VectorKernels) -> Float {
    switch metric {
    case .l2: return kernels.squaredL2(query, row, dimension: query.count)
    case .innerProduct: return 1 - kernels.innerProduct(query, row, dimension: query.count)
    case .cosine:
        func inverseNorm(_ vector: [Float]) -> Float {
            let squares = kernels.squaredNorm(vector, dimension: vector.count)
            if squares.isFinite, squares >= Float.leastNormalMagnitude { return 1 / squares.squareRoot() }
            let exact = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
            return exact > 0 ? Float(1 / exact.squareRoot()) : 0
        }
        return 1 - kernels.innerProduct(query, row, dimension: query.count) * (inverseNorm(query) * inverseNorm(row))
    }
}
