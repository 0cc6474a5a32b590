/// Symmetric scalar quantisation to 8 bits, each vector by itself: codes cᵢ = round(vᵢ / s) in −127...127 with s = max|vᵢ| / 127.
///
/// Nothing is learnt from the data, so a vector's codes depend on nothing but the vector: the same bytes on every machine, in every segment.
/// Only plain IEEE arithmetic in a fixed order is used; a reader can encode a vector again and compare.
public enum ScalarQuantizer8 {
    /// A code row has a multiple of this many codes: one register of the widest instruction set, one cache line.
    public static let codeAlignment = 64
    /// Store no codes below this many dimensions: there they are hardly smaller than the floats. Measured, a search with codes gained nothing in
    /// 16 dimensions, a third in 32, and took half the time in 64, where codes and parameters take 80 bytes beside the 256 of the floats.
    public static let dimensionMin = 64
    /// Lengths of vectors whose squares, products and quotients all stay normal floats, 2⁻⁴⁰ to 2⁴⁰. Others get `CodeParameters.unknown`.
    public static let ordinaryNorms: ClosedRange<Double> = 0x1p-40...0x1p40

    /// Codes per row, the dimension rounded up; those behind the dimension are zero and change no inner product.
    public static func codeStride(dimension: Int) -> Int {
        (dimension + codeAlignment - 1) / codeAlignment * codeAlignment
    }

    /// Encodes `vector` and writes all `codeStride(dimension:)` codes of its row.
    ///
    /// Any floats are legal: zero, denormal and huge vectors, also infinities and NaN, get parameters that never rule out a row wrongly.
    /// Cost: two passes over the vector, about 1 ns per dimension.
    public static func encode(
        _ vector: UnsafePointer<Float>, dimension: Int, into codes: UnsafeMutablePointer<Int8>
    ) -> CodeParameters {
        let stride = codeStride(dimension: dimension)
        let (largest, squares) = measure(vector, dimension)
        let norm = squares.squareRoot()
        // False for NaN, too.
        guard largest.isFinite, ordinaryNorms.contains(norm) else {
            codes.update(repeating: 0, count: stride)
            return squares == 0 ? .zero : .unknown
        }
        let scale = largest / 127
        let (codeSquares, errorSquares) = round(vector, dimension, scale: scale, into: codes)
        (codes + dimension).update(repeating: 0, count: stride - dimension)
        // The differences are exact but for a part in 2⁵³, and so is each of their squares and sums: together far less than one in 2³⁰.
        let errorNorm = Float((errorSquares * (1 + 0x1p-30)).squareRoot()).nextUp
        return CodeParameters(
            scale: scale, errorNorm: errorSquares == 0 ? 0 : errorNorm, inverseNorm: Float(1 / norm),
            squaredNorm: Float(Double(scale) * Double(scale) * Double(codeSquares)))
    }

    /// The largest magnitude and the sum of the squares. The sum is 0 only for a zero vector: the square of the smallest denormal is a normal double.
    private static func measure(_ vector: UnsafePointer<Float>, _ dimension: Int) -> (largest: Float, squares: Double) {
        var largest = Lanes<UInt32>.zero
        var squares = Lanes<Double>.zero
        forEachGroup(vector, dimension) { values, _, _ in
            // Magnitudes sort like their bits, and NaN above all of them.
            largest = pointwiseMax(largest, unsafeBitCast(values, to: Lanes<UInt32>.self) & 0x7FFF_FFFF)
            let wide = Lanes<Double>(values)
            squares += wide * wide
        }
        return (Float(bitPattern: largest.max()), squares.sum())
    }

    /// Writes the codes; returns Σc² and Σ(v − v̂)².
    private static func round(
        _ vector: UnsafePointer<Float>, _ dimension: Int, scale: Float, into codes: UnsafeMutablePointer<Int8>
    ) -> (codeSquares: Int, errorSquares: Double) {
        // Added to a small float, 1.5·2²³ leaves the nearest integer in the lowest bits. A quotient may exceed 127, but not by half.
        let integerShift: Float = 0x1.8p23
        let perStep = 1 / scale
        let wideScale = Double(scale)
        var codeSquares = Lanes<Int32>.zero
        var errorSquares = Lanes<Double>.zero
        forEachGroup(vector, dimension) { values, start, count in
            let shifted = values * perStep + integerShift
            let integers = unsafeBitCast(shifted, to: Lanes<Int32>.self) &- Int32(bitPattern: integerShift.bitPattern)
            codeSquares &+= integers &* integers
            let errors = Lanes<Double>(values) - wideScale * Lanes<Double>(shifted - integerShift)
            errorSquares += errors * errors
            let bytes = Lanes<Int8>(truncatingIfNeeded: integers)
            for lane in 0..<count { codes[start + lane] = bytes[lane] }
        }
        // At most 2¹⁶ · 127², which 32 bits hold.
        return (Int(codeSquares.wrappedSum()), errorSquares.sum())
    }

    private typealias Lanes<Scalar: SIMDScalar> = SIMD8<Scalar>

    /// Calls `body` with eight values at a time, where they start and how many of them there are; zeros stand for those behind the last.
    @inline(__always)
    private static func forEachGroup(
        _ vector: UnsafePointer<Float>, _ dimension: Int, _ body: (_ values: Lanes<Float>, _ start: Int, _ count: Int) -> Void
    ) {
        var start = 0
        while start + 8 <= dimension {
            body(UnsafeRawPointer(vector + start).loadUnaligned(as: Lanes<Float>.self), start, 8)
            start += 8
        }
        guard start < dimension else { return }
        var rest = Lanes<Float>.zero
        for lane in 0..<dimension - start { rest[lane] = vector[start + lane] }
        body(rest, start, dimension - start)
    }
}
