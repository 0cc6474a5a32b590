import Quantization
import VectorModel

/// The bytes of one vector of a segment. Borrowed: valid as long as the mapping.
struct SegmentVector {
    // SAFETY: `dimension` numbers of the element, at a multiple of its size, which whoever makes the value has compared with their checksum.
    let bytes: UnsafeRawBufferPointer
    let element: VectorElement

    var dimension: Int { bytes.count / element.byteCount }

    /// Calls `body` with the numbers as floats, in place where they are stored so.
    func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        switch element {
        case .float32: return try body(bytes.assumingMemoryBound(to: Float.self))
        case .float16:
            return try withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { floats in
                if let base = floats.baseAddress { copy(to: base) }
                return try body(UnsafeBufferPointer(floats))
            }
        }
    }

    /// Writes `dimension` floats.
    func copy(to floats: UnsafeMutablePointer<Float>) {
        switch element {
        case .float32: UnsafeMutableRawPointer(floats).copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
        case .float16:
            Float16Vectors.widen(bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt16.self), count: dimension, into: floats)
        }
    }
}
