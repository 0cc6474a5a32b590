#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One slot of a hash index: a string's number + 1 in the lower half (0: empty), the upper half of its hash in the upper one.
struct SegmentHashSlot: Equatable {
    let bits: UInt64

    init(bits: UInt64) {
        self.bits = bits
    }

    init(number: Int, hash: UInt64) {
        bits = UInt64(number + 1) | (hash & ~0xFFFF_FFFF)
    }

    var number: Int? {
        let low = UInt32(truncatingIfNeeded: bits)
        return low == 0 ? nil : Int(low) - 1
    }

    var fingerprint: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }

    static func fingerprint(of hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// Where the search for a hash begins; it goes on slot by slot, at the end from the front, to the first empty one.
    static func first(of hash: UInt64, slots: Int) -> Int { Int(truncatingIfNeeded: hash) & (slots - 1) }
}

/// A hash index in the making: open addressing with linear probing, at most two thirds full.
struct SegmentHashIndexBuilder {
    private(set) var slots: [UInt64]

    /// - Parameter count: how many strings there will be.
    init(count: Int) {
        guard count > 0 else {
            slots = []
            return
        }
        var size = 8
        while size * 2 < count * 3 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    mutating func insert(_ number: Int, hash: UInt64) {
        var slot = SegmentHashSlot.first(of: hash, slots: slots.count)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = SegmentHashSlot(number: number, hash: hash).bits
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes.
    func elementsEqual(bytesOf other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return true }
        return memcmp(left, right, count) == 0
    }
}
