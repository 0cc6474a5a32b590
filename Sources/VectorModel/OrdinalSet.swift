/// A set of ordinals below a fixed bound, one bit each: which rows match, are alive, may be returned.
public struct OrdinalSet: Sendable, Equatable {
    /// Ordinals are in `0..<bound`.
    public let bound: Int
    @usableFromInline
    internal var words: [UInt64]

    @inlinable
    public init(bound: Int) {
        self.bound = bound
        self.words = [UInt64](repeating: 0, count: (bound + 63) / 64)
    }

    /// Every ordinal below `bound`.
    @inlinable
    public static func all(below bound: Int) -> OrdinalSet {
        var set = OrdinalSet(bound: bound)
        for index in set.words.indices { set.words[index] = .max }
        let used = bound % 64
        if used != 0 { set.words[set.words.count - 1] = (1 << UInt64(used)) - 1 }
        return set
    }

    @inlinable
    public func contains(_ ordinal: Int) -> Bool { words[ordinal / 64] & (1 << UInt64(ordinal % 64)) != 0 }

    @inlinable
    public mutating func insert(_ ordinal: Int) { words[ordinal / 64] |= 1 << UInt64(ordinal % 64) }

    /// Adds every ordinal of a range below `bound`. Cost: linear in the words that it touches.
    @inlinable
    public mutating func insert(_ ordinals: ClosedRange<Int>) {
        let (first, last) = (ordinals.lowerBound / 64, ordinals.upperBound / 64)
        let (fromFirst, toLast) = (UInt64.max << UInt64(ordinals.lowerBound % 64), UInt64.max >> UInt64(63 - ordinals.upperBound % 64))
        guard first < last else { return words[first] |= fromFirst & toLast }
        words[first] |= fromFirst
        for index in first + 1..<last { words[index] = .max }
        words[last] |= toLast
    }

    /// Adds 64 memberships at once; bits at or above `bound` must be zero.
    @inlinable
    public mutating func insert(_ word: UInt64, at index: Int) { words[index] |= word }

    @inlinable
    public mutating func remove(_ ordinal: Int) { words[ordinal / 64] &= ~(1 << UInt64(ordinal % 64)) }

    @inlinable
    public mutating func formIntersection(_ other: OrdinalSet) {
        precondition(bound == other.bound)
        for index in words.indices { words[index] &= other.words[index] }
    }

    @inlinable
    public mutating func formUnion(_ other: OrdinalSet) {
        precondition(bound == other.bound)
        for index in words.indices { words[index] |= other.words[index] }
    }

    @inlinable
    public mutating func subtract(_ other: OrdinalSet) {
        precondition(bound == other.bound)
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// How many ordinals the set holds. Cost: one pass over the words.
    @inlinable
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    @inlinable
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The 64 memberships from `64 * index` on, lowest ordinal in the lowest bit. Bits at or above `bound` are zero.
    @inlinable
    public func word(_ index: Int) -> UInt64 { words[index] }

    @inlinable
    public var wordCount: Int { words.count }

    /// Removes the ordinals from `ordinal` on. Returns them, in a set of the same bound.
    public mutating func split(at ordinal: Int) -> OrdinalSet {
        var upper = OrdinalSet(bound: bound)
        let first = min(ordinal / 64, words.count)
        for index in first..<words.count { swap(&upper.words[index], &words[index]) }
        guard first < words.count else { return upper }
        let below: UInt64 = (1 << UInt64(ordinal % 64)) - 1
        words[first] = upper.words[first] & below
        upper.words[first] &= ~below
        return upper
    }

    /// The same ordinals below a bound that is no smaller.
    public func widened(to bound: Int) -> OrdinalSet {
        precondition(bound >= self.bound)
        var set = OrdinalSet(bound: bound)
        for index in words.indices { set.words[index] = words[index] }
        return set
    }

    /// Replaces 64 memberships at once; bits at or above `bound` must be zero.
    @inlinable
    public mutating func setWord(_ index: Int, _ word: UInt64) { words[index] = word }

    /// Calls `body` with each ordinal, smallest first, until it returns false.
    @inlinable
    public func forEach(_ body: (Int) throws -> Bool) rethrows {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                if try !body(index * 64 + word.trailingZeroBitCount) { return }
                word &= word &- 1
            }
        }
    }

    /// Keeps only the members for which `isKept` holds; members are asked smallest first.
    @inlinable
    public mutating func filter(_ isKept: (Int) throws -> Bool) rethrows {
        for index in words.indices {
            var rest = words[index]
            var kept = rest
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                if try !isKept(index * 64 + bit) { kept &= ~(1 << UInt64(bit)) }
                rest &= rest &- 1
            }
            words[index] = kept
        }
    }
}
