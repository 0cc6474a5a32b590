/// What is known of the strings that a part of a pattern matches, as UTF-8.
///
/// Sound by construction: each operation keeps the invariants below, and whatever is dropped only admits more strings.
/// Regular expressions are taken as in Russ Cox, "Regular Expression Matching with a Trigram Index" (2012).
struct PatternStrings {
    private typealias Node = TrigramQuery.Node

    /// Every string that it matches, if these are few.
    private var exact: [[UInt8]]?
    /// Every match begins with one of these. At most two bytes each; unused where `exact` is known.
    private var prefixes: [[UInt8]]
    /// Every match ends with one of these, as above.
    private var suffixes: [[UInt8]]
    /// What every match must hold, beyond what the other three say.
    private var inner: TrigramQuery.Node

    /// Strings in one set.
    private static let stringsMax = 16
    /// Bytes of all strings of one exact set.
    private static let exactBytesMax = 4_096
    /// What a string keeps that is known only at one end: trigrams across the border need no more.
    private static let borderBytes = 2
    /// Copies that a counted repetition is unrolled to.
    private static let copiesMax = 4

    // MARK: The smallest parts

    /// Matches `text` alone.
    static func literal(_ text: [UInt8]) -> PatternStrings { PatternStrings(exact: [text], prefixes: [], suffixes: [], inner: .everything).bounded() }

    /// Matches the empty string, perhaps at certain places only.
    static let empty = literal([])

    /// Matches nobody knows what.
    static let anything = PatternStrings(exact: nil, prefixes: [[]], suffixes: [[]], inner: .everything)

    /// Matches each of `texts`, of which there is one at least.
    static func choice(of texts: [[UInt8]]) -> PatternStrings {
        PatternStrings(exact: sorted(texts), prefixes: [], suffixes: [], inner: .everything).bounded()
    }

    // MARK: Operations

    func followed(by next: PatternStrings) -> PatternStrings {
        let inner = inner.and(next.inner)
        switch (exact, next.exact) {
        case (let left?, let right?):
            if Self.fits(left, right) {
                return PatternStrings(exact: Self.products(left, right), prefixes: [], suffixes: [], inner: inner).bounded()
            }
            return inexact().followed(by: next.inexact())
        case (let left?, nil):
            guard Self.fits(left, next.prefixes) else { return inexact().followed(by: next) }
            return PatternStrings(exact: nil, prefixes: Self.products(left, next.prefixes), suffixes: next.suffixes, inner: inner).bounded()
        case (nil, let right?):
            guard Self.fits(suffixes, right) else { return followed(by: next.inexact()) }
            return PatternStrings(exact: nil, prefixes: prefixes, suffixes: Self.products(suffixes, right), inner: inner).bounded()
        case (nil, nil):
            let border = Self.fits(suffixes, next.prefixes) ? Node.grams(ofAny: Self.products(suffixes, next.prefixes)) : .everything
            return PatternStrings(exact: nil, prefixes: prefixes, suffixes: next.suffixes, inner: inner.and(border))
        }
    }

    func or(_ other: PatternStrings) -> PatternStrings {
        if let left = exact, let right = other.exact, inner == .everything, other.inner == .everything {
            let union = Self.sorted(left + right)
            if union.count <= Self.stringsMax {
                return PatternStrings(exact: union, prefixes: [], suffixes: [], inner: .everything).bounded()
            }
        }
        let (left, right) = (inexact(), other.inexact())
        return PatternStrings(
            exact: nil, prefixes: Self.sorted(left.prefixes + right.prefixes), suffixes: Self.sorted(left.suffixes + right.suffixes),
            inner: left.inner.or(right.inner)
        ).bounded()
    }

    /// - Parameter maximum: nil for any number.
    func repeated(_ minimum: Int, _ maximum: Int?) -> PatternStrings {
        if maximum == 0 { return .empty }
        guard minimum > 0 else { return maximum == 1 ? or(.empty) : .anything }
        if minimum == 1 { return maximum == 1 ? self : inexact() }
        let copies = min(minimum, Self.copiesMax)
        var result = self
        if maximum == minimum, copies == minimum {
            for _ in 1..<copies { result = result.followed(by: self) }
            return result
        }
        for _ in 2..<copies { result = result.followed(by: self) }
        return result.followed(by: .anything).followed(by: self)
    }

    /// What every document with a match must have.
    var required: TrigramQuery.Node { inexact().inner }

    // MARK: Sets of strings

    /// The same without `exact`: what it said of trigrams is in `inner`.
    private func inexact() -> PatternStrings {
        guard let exact else { return self }
        return PatternStrings(exact: nil, prefixes: exact, suffixes: exact, inner: inner).bounded()
    }

    /// The same within the limits: what is cut off of strings goes to `inner` first.
    private func bounded() -> PatternStrings {
        if let exact {
            let isSmall = exact.count <= Self.stringsMax && exact.reduce(0, { $0 + $1.count }) <= Self.exactBytesMax
            return isSmall ? self : inexact()
        }
        var result = self
        if !inner.isFull { result.inner = inner.and(Node.grams(ofAny: prefixes)) }
        if suffixes != prefixes, !result.inner.isFull { result.inner = result.inner.and(Node.grams(ofAny: suffixes)) }
        result.prefixes = Self.shortened(prefixes) { Array($0.prefix($1)) }
        result.suffixes = Self.shortened(suffixes) { Array($0.suffix($1)) }
        return result
    }

    private static func shortened(_ texts: [[UInt8]], _ cut: ([UInt8], Int) -> [UInt8]) -> [[UInt8]] {
        for length in [borderBytes, 1] {
            let short = sorted(texts.map { cut($0, length) })
            if short.count <= stringsMax { return short }
        }
        return [[]]
    }

    private static func fits(_ left: [[UInt8]], _ right: [[UInt8]]) -> Bool { left.count * right.count <= stringsMax }

    private static func products(_ left: [[UInt8]], _ right: [[UInt8]]) -> [[UInt8]] { sorted(left.flatMap { start in right.map { start + $0 } }) }

    private static func sorted(_ texts: [[UInt8]]) -> [[UInt8]] { Set(texts).sorted { $0.lexicographicallyPrecedes($1) } }
}
