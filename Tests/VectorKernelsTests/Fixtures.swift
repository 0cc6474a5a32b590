import TestSupport
import VectorKernels

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The seed of this run: `LYRICA_TEST_SEED`, else a new one. Failures print it.
let runSeed: UInt64 = getenv("LYRICA_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)

/// Dimensions with every remainder of every register width, and those of real models on both sides of a block.
let dimensions: [Int] = Array(1...70) + [96, 100, 127, 128, 255, 256, 384, 385, 768, 1536, 3072]

/// A query and rows in one allocation each, the rows `stride` apart and the first `offset` floats past a 64-byte boundary. Floats between
/// rows are NaN, so that a kernel that reads one of them cannot hide it.
final class Rows {
    let query: UnsafeMutablePointer<Float>
    let base: UnsafeMutablePointer<Float>
    let dimension: Int
    let stride: Int
    let count: Int
    private let allocation: UnsafeMutableRawPointer

    init(dimension: Int, count: Int, stride: Int? = nil, offset: Int = 0, _ element: () -> Float) {
        self.dimension = dimension
        self.count = count
        self.stride = stride ?? dimension
        let queryFloats = 16 + dimension + 16
        let floats = queryFloats + 16 + offset + self.stride * count + 16
        // SAFETY: every pointer below stays within these `floats` floats, which live as long as this object.
        allocation = .allocate(byteCount: floats * MemoryLayout<Float>.stride, alignment: 64)
        let memory = allocation.bindMemory(to: Float.self, capacity: floats)
        memory.initialize(repeating: .nan, count: floats)
        query = memory + 16 + offset
        base = memory + (queryFloats + 15) / 16 * 16 + offset
        for i in 0..<dimension { query[i] = element() }
        for row in 0..<count {
            for i in 0..<dimension { base[row * self.stride + i] = element() }
        }
    }

    deinit { allocation.deallocate() }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * stride }
}

/// A sum in double precision with the magnitude that bounds the error of any float summation of it.
struct Reference {
    var sum = 0.0
    var magnitude = 0.0
    let dimension: Int

    private init(dimension: Int) { self.dimension = dimension }

    static func squaredL2(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ dimension: Int) -> Reference {
        var reference = Reference(dimension: dimension)
        for i in 0..<dimension {
            let difference = Double(a[i]) - Double(b[i])
            reference.add(difference * difference)
        }
        return reference
    }

    static func innerProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ dimension: Int) -> Reference {
        var reference = Reference(dimension: dimension)
        for i in 0..<dimension { reference.add(Double(a[i]) * Double(b[i])) }
        return reference
    }

    private mutating func add(_ term: Double) {
        sum += term
        magnitude += term.magnitude
    }

    /// The bound that `VectorKernels` documents.
    var tolerance: Double {
        (Double(dimension) / 16 + 10) * 0x1p-24 * magnitude + Double(dimension) * 0x1p-149
    }

    func accepts(_ value: Float) -> Bool { (Double(value) - sum).magnitude <= tolerance }
}
