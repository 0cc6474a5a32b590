public import VectorKernels

/// Vectors whose numbers are stored as IEEE 754 binary16: which numbers are legal, and what becomes of them.
///
/// Such vectors are rounded when they are accepted, so that nothing that is computed of them changes when they move from memory to disk.
public enum Float16Vectors {
    /// The largest magnitude that can be stored.
    public static let magnitudeMax: Float = 65_504

    /// The place of the first number whose magnitude is beyond `magnitudeMax`, or that is NaN; `nil` if all can be stored.
    ///
    /// Cost: one pass.
    public static func firstUnstorable(in numbers: UnsafeBufferPointer<Float>) -> Int? {
        // `!(a <= b)` and not `a > b`, for NaN.
        numbers.firstIndex { !($0.magnitude <= magnitudeMax) }
    }

    /// Rounds `count` numbers in place to the nearest that can be stored, ties to the even one; what is beyond `magnitudeMax` becomes it.
    ///
    /// Rounding again changes nothing. Cost: one pass; nothing is allocated.
    public static func round(_ numbers: UnsafeMutablePointer<Float>, count: Int, kernels: VectorKernels = .active) {
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: chunk) { stored in
            guard let stored = stored.baseAddress else { return }
            var start = 0
            while start < count {
                let length = min(chunk, count - start)
                for index in start..<start + length { numbers[index] = min(max(numbers[index], -magnitudeMax), magnitudeMax) }
                kernels.narrow(numbers + start, count: length, into: stored)
                kernels.widen(stored, count: length, into: numbers + start)
                start += length
            }
        }
    }

    /// The bits of `count` numbers, rounded; what is 65,520 or more becomes infinity.
    public static func narrow(
        _ numbers: UnsafePointer<Float>, count: Int, into bits: UnsafeMutablePointer<UInt16>, kernels: VectorKernels = .active
    ) {
        kernels.narrow(numbers, count: count, into: bits)
    }

    /// The numbers that `count` bit patterns stand for.
    public static func widen(
        _ bits: UnsafePointer<UInt16>, count: Int, into numbers: UnsafeMutablePointer<Float>, kernels: VectorKernels = .active
    ) {
        kernels.widen(bits, count: count, into: numbers)
    }

    private static let chunk = 512
}
