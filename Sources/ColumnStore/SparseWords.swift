public import VectorModel

/// A sparse vector as the words of a metadata entry, in memory and in segment files alike, read in place.
///
/// Words: the number of pairs; the pairs, index in the lower half and the value's bits in the upper, indices ascending; then either nothing or a
/// string's number for each pair, its label.
///
/// Not `Sendable`: borrows the words.
public struct SparseWords {
    // SAFETY: borrowed from whoever made the entry, for as long as the entry is used.
    private let pairs: UnsafeBufferPointer<UInt64>
    private let labels: UnsafeBufferPointer<UInt64>?

    /// Words that `words(of:number:)` made.
    public init(encoded words: UnsafeBufferPointer<UInt64>) {
        let count = Int(words[0])
        pairs = UnsafeBufferPointer(rebasing: words[1..<1 + count])
        labels = count > 0 && words.count > 1 + count ? UnsafeBufferPointer(rebasing: words[(1 + count)...]) : nil
    }

    /// Words from a file. Cost: linear; every number is looked at, those of strings excepted.
    /// - Returns: `nil` where they are no sparse vector.
    public init?(checking words: UnsafeBufferPointer<UInt64>) {
        guard let first = words.first, first < UInt64(words.count) else { return nil }
        let count = Int(first)
        guard words.count == 1 + count || count > 0 && words.count - 1 - count == count else { return nil }
        self.init(encoded: words)
        var least: UInt64 = 0
        for pair in pairs {
            guard pair & Self.indexMask >= least, Self.value(pair).isFinite else { return nil }
            least = pair & Self.indexMask + 1
        }
    }

    /// The words of a vector.
    /// - Parameter number: gives a label its number.
    public static func words(of vector: SparseVector, number: (String) -> UInt64) -> [UInt64] {
        var words = [UInt64(vector.count)]
        words.reserveCapacity(1 + vector.count * (vector.labels == nil ? 1 : 2))
        for (index, value) in zip(vector.indices, vector.values) { words.append(UInt64(index) | UInt64(value.bitPattern) << 32) }
        for label in vector.labels ?? [] { words.append(number(label)) }
        return words
    }

    /// How many indices have a value.
    public var count: Int { pairs.count }

    /// The vector.
    /// - Parameter string: the string of a number that `words(of:number:)` was given.
    public func vector<Failure: Error>(_ string: (UInt64) throws(Failure) -> String) throws(Failure) -> SparseVector {
        var names: [String]?
        if let labels {
            var found: [String] = []
            for label in labels { found.append(try string(label)) }
            names = found
        }
        return SparseVector(unchecked: pairs.map(Self.index), pairs.map(Self.value), labels: names)
    }

    /// The vector without its labels.
    public var unlabelled: SparseVector { SparseVector(unchecked: pairs.map(Self.index), pairs.map(Self.value), labels: nil) }

    /// The inner product with `query`; `nil` where the two have no index in common.
    ///
    /// Products of two floats are exact in double precision and are added in the order of indices, as the inverted index adds them: both give the
    /// same number to the last bit. Cost: O(indices of both).
    public func innerProduct(_ query: SparseVector) -> Double? {
        query.values.withUnsafeBufferPointer { values in
            var (sum, isFound) = (0.0, false)
            forEachCommonIndex(query) { place, value in
                sum += Double(value) * Double(values[place])
                isFound = true
            }
            return isFound ? sum : nil
        }
    }

    /// Calls `body` for each index that both vectors have, ascending, with its place in `query` and this vector's value.
    @inline(__always)
    public func forEachCommonIndex(_ query: SparseVector, _ body: (_ place: Int, _ value: Float) -> Void) {
        query.indices.withUnsafeBufferPointer { indices in
            var (own, other) = (0, 0)
            while own < pairs.count, other < indices.count {
                let pair = pairs[own]
                let (left, right) = (Self.index(pair), indices[other])
                if left == right { body(other, Self.value(pair)) }
                if left <= right { own += 1 }
                if right <= left { other += 1 }
            }
        }
    }

    private static var indexMask: UInt64 { 0xFFFF_FFFF }

    @inline(__always)
    private static func index(_ pair: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: pair) }

    @inline(__always)
    private static func value(_ pair: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: pair >> 32)) }
}
