/// What is kept of a vector beside its 8-bit codes, so that a distance computed from the codes comes with a bound of its error.
///
/// With codes c the vector v stands for v̂ = scale·c. A file stores the four floats in this order, little-endian, 16 bytes in all.
///
/// A vector whose length is no *ordinary* one (`ScalarQuantizer8.ordinaryNorms`, or zero) has zero codes and an infinite `errorNorm`: every
/// bound that is computed from it is −∞, so a search always looks at its floats.
public struct CodeParameters: BitwiseCopyable, Sendable, Equatable {
    /// The number that one code step stands for; 0 for a zero vector.
    public let scale: Float
    /// At least ‖v − v̂‖; infinite where nothing is known of the vector.
    public let errorNorm: Float
    /// 1/‖v‖, rounded to nearest; 0 for a zero vector.
    public let inverseNorm: Float
    /// ‖v̂‖², rounded to nearest.
    public let squaredNorm: Float

    public init(scale: Float, errorNorm: Float, inverseNorm: Float, squaredNorm: Float) {
        self.scale = scale
        self.errorNorm = errorNorm
        self.inverseNorm = inverseNorm
        self.squaredNorm = squaredNorm
    }

    /// A vector that codes cannot say anything about.
    public static let unknown = CodeParameters(scale: 0, errorNorm: .infinity, inverseNorm: 1, squaredNorm: 0)
    /// The zero vector, which its codes say exactly.
    public static let zero = CodeParameters(scale: 0, errorNorm: 0, inverseNorm: 0, squaredNorm: 0)
}
