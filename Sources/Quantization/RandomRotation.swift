internal import CVectorKernels
import VectorModel

/// A rotation chosen by a seed: lengths and angles stay, and what was special about a coordinate is spread over all of them.
///
/// Codes of one or few bits per dimension need that (Gao & Long, SIGMOD 2024, doi:10.1145/3654970, §3.1.2). Cost: O(D log D), about 0.5 µs at 384
/// dimensions; D floats of memory for each of the rounds.
public struct RandomRotation: Sendable {
    /// Floats of a vector before.
    public let dimension: Int
    /// Floats of a vector after: the dimension rounded up to a multiple of `alignment`.
    public let rotatedDimension: Int
    public let seed: UInt64
    private let signs: [Float]

    /// Rotated vectors have a multiple of this many floats.
    public static let alignment = Int(CVK_ROTATION_ALIGNMENT)

    /// The same seed gives the same rotation, to the bit, on every machine.
    public init(dimension: Int, seed: UInt64) {
        precondition(dimension > 0)
        self.dimension = dimension
        self.seed = seed
        rotatedDimension = Self.rotatedDimension(dimension)
        var generator = SplitMix64(seed: seed)
        var signs: [Float] = []
        let count = rotatedDimension * Int(CVK_ROTATION_ROUNDS)
        signs.reserveCapacity(count)
        while signs.count < count {
            var bits = generator.next()
            for _ in 0..<64 {
                signs.append(bits & 1 == 0 ? 1 : -1)
                bits >>= 1
            }
        }
        self.signs = signs
    }

    public static func rotatedDimension(_ dimension: Int) -> Int { (dimension + alignment - 1) / alignment * alignment }

    /// Rotates `dimension` floats, followed by zeros, into `rotatedDimension` floats. The two may not overlap.
    public func rotate(_ vector: UnsafePointer<Float>, into rotated: UnsafeMutablePointer<Float>) {
        rotated.update(from: vector, count: dimension)
        (rotated + dimension).update(repeating: 0, count: rotatedDimension - dimension)
        signs.withUnsafeBufferPointer { cvk_rotate(rotated, $0.baseAddress!, rotatedDimension) }
    }
}
