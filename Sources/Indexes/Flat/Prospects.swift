/// Rows that codes did not rule out, each with the lower bound of its distance. A growing list up to a fixed capacity.
struct Prospects {
    // SAFETY: `capacity` elements of which the first `count` are initialised. The owner deallocates once.
    private let packed: UnsafeMutablePointer<UInt64>
    let capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        packed = .allocate(capacity: capacity)
    }

    func deallocate() { packed.deallocate() }

    /// - Parameters:
    ///   - bound: not NaN.
    ///   - ordinal: counted from the first row of the run.
    @inline(__always)
    mutating func append(bound: Float, ordinal: UInt32) {
        precondition(count < capacity)
        packed[count] = UInt64(Self.sortable(bound)) << 32 | UInt64(ordinal)
        count += 1
    }

    mutating func removeAll() { count = 0 }

    /// By ascending bound.
    func sort() {
        var rows = UnsafeMutableBufferPointer(start: packed, count: count)
        rows.sort()
    }

    @inline(__always)
    func ordinal(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: packed[index]) }

    @inline(__always)
    func bound(_ index: Int) -> Float {
        let sortable = UInt32(truncatingIfNeeded: packed[index] >> 32)
        return Float(bitPattern: sortable & Self.sign != 0 ? sortable & ~Self.sign : ~sortable)
    }

    private static let sign: UInt32 = 0x8000_0000

    /// IEEE floats sort like their bits once those of negative ones are turned over.
    @inline(__always)
    private static func sortable(_ value: Float) -> UInt32 {
        let bits = value.bitPattern
        return bits & sign == 0 ? bits | sign : ~bits
    }
}
