/// A node in a beam, and whether it was visited, in one word that orders by distance, then by node.
struct BeamEntry: BitwiseCopyable, Comparable {
    private var bits: UInt64

    /// - Parameter distance: at least 0; what is less, or no number, counts as 0. Bits of floats that are not negative order like the floats.
    @inline(__always)
    init(distance: Float, node: UInt32) {
        let bounded = distance > 0 ? distance : 0
        bits = UInt64(bounded.bitPattern) << 32 | UInt64(node) << 1
    }

    @inline(__always) var node: UInt32 { UInt32(truncatingIfNeeded: bits) >> 1 }
    @inline(__always) var distance: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 32)) }
    @inline(__always) var isVisited: Bool { bits & 1 != 0 }

    @inline(__always)
    mutating func visit() { bits |= 1 }

    @inline(__always)
    static func < (left: BeamEntry, right: BeamEntry) -> Bool { left.bits < right.bits }

    /// Nodes have 31 bits.
    static let nodesMax = Int(Int32.max)
}
