import Quantization
import VectorKernels
import VectorModel

/// The vectors of a graph in 8-bit codes, one row of memory each: what a graph is built on.
///
/// Distances between codes are off by about a hundredth of the distance to a near neighbour, which changes few links and no answer: searches
/// measure what they return anew.
final class GraphRows: @unchecked Sendable {
    // SAFETY: unchecked because of the pointers. Rows are written by `set` before the graph is built and only read while threads share them.
    let count: Int
    /// Codes per row.
    let stride: Int
    let codes: UnsafeMutablePointer<Int8>
    /// `target` is the row's ordinal.
    let values: UnsafeMutablePointer<NodeValues>
    private let kernels = VectorKernels.active

    init(count: Int, stride: Int) {
        self.count = count
        self.stride = stride
        codes = UnsafeMutableRawPointer.allocate(byteCount: max(count * stride, 1), alignment: 64).bindMemory(to: Int8.self, capacity: count * stride)
        values = .allocate(capacity: max(count, 1))
    }

    deinit {
        codes.deallocate()
        values.deallocate()
    }

    /// Encodes a rotated vector as row `row`.
    func set(_ row: Int, rotated: UnsafePointer<Float>, extra: Float, target: UInt32) {
        let parameters = ScalarQuantizer8.encode(rotated, dimension: stride, into: codes + row * stride)
        values[row] = NodeValues(
            scale: parameters.scale, squaredNorm: parameters.squaredNorm + extra * extra, extra: extra, target: target)
    }

    /// Copies a row that is encoded already.
    func set(_ row: Int, codes source: UnsafePointer<Int8>, values: NodeValues) {
        (codes + row * stride).update(from: source, count: stride)
        self.values[row] = values
    }

    /// Squared distances from a row to others.
    func measure(
        from row: Int, to others: UnsafePointer<UInt32>, count: Int, products: UnsafeMutablePointer<Int32>, into distances: UnsafeMutablePointer<Float>
    ) {
        kernels.codeInnerProduct(query: codes + row * stride, base: codes, stride: stride, ordinals: others, count: count, into: products)
        let own = values[row]
        for index in 0..<count {
            let other = values[Int(others[index])]
            let product = own.scale * other.scale * Float(products[index]) + own.extra * other.extra
            distances[index] = max(own.squaredNorm + other.squaredNorm - 2 * product, 0)
        }
    }

    /// The vector that a row's codes stand for, without the extra coordinate.
    func decode(_ row: Int, into vector: UnsafeMutablePointer<Float>) {
        let (codes, scale) = (codes + row * stride, values[row].scale)
        for index in 0..<stride { vector[index] = Float(codes[index]) * scale }
    }
}
