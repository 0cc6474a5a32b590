/// Which rows can hold what is sought, said in trigrams: true of every row that matches, and of some that do not.
///
/// After Russ Cox, "Regular Expression Matching with a Trigram Index" (2012).
public struct TrigramQuery: Hashable, Sendable {
    indirect enum Node: Hashable, Sendable {
        /// Every row that has a document.
        case everything
        case key(Trigram)
        /// Rows of any key in the range.
        case keys(ClosedRange<Trigram>)
        case all([Node])
        case any([Node])
    }

    let root: Node
    /// Whether the rows found are exactly those that match.
    public let isExact: Bool

    init(_ root: Node, isExact: Bool) {
        self.root = root
        self.isExact = isExact
    }

    /// Whether it says no more than that there is a document.
    public var isUnrestricted: Bool { root == .everything }

    /// Rows whose document has `text`, byte for byte. Exact for texts of up to three bytes.
    public init<Text: RandomAccessCollection>(containing text: Text) where Text.Element == UInt8 {
        let bytes = Array(text)
        switch bytes.count {
        case 0: self.init(.everything, isExact: true)
        case 1: self.init(Self.single(bytes[0]), isExact: true)
        case 2: self.init(Self.pair(bytes[0], bytes[1]), isExact: true)
        case 3: self.init(.key(Trigram(bytes[0], bytes[1], bytes[2])), isExact: true)
        case _: self.init(Node.grams(of: bytes), isExact: false)
        }
    }

    /// Rows that the pattern, in RE2 syntax, can match: what it requires, as far as it is understood. Never exact.
    /// Cost: O(length of the pattern), bounded however it nests.
    /// - Parameter pattern: one that RE2 accepts; of another the result says nothing.
    public init(matching pattern: String) {
        guard let strings = PatternParser.strings(of: pattern) else {
            self.init(.everything, isExact: false)
            return
        }
        self.init(strings.required, isExact: false)
    }

    private static func single(_ byte: UInt8) -> Node {
        .any([
            .keys(Trigram(byte, 0, 0)...Trigram(byte, .max, .max)), .keys(Trigram.end(byte, 0)...Trigram.end(byte, .max)), .key(.end(byte)),
        ])
    }

    private static func pair(_ first: UInt8, _ second: UInt8) -> Node {
        .any([.keys(Trigram(first, second, 0)...Trigram(first, second, .max)), .key(.end(first, second))])
    }
}

extension TrigramQuery.Node {
    /// Conjuncts beyond these are left out, which only finds more rows.
    private static let conjunctsMax = 128
    /// Alternatives beyond these are not worth following.
    private static let alternativesMax = 1_024
    /// Trigrams of one text; of longer texts they are taken at even distances.
    private static let gramsMax = 96

    /// What a document with `text` must have.
    static func grams(of text: [UInt8]) -> Self {
        guard text.count >= 3 else { return .everything }
        let windows = text.count - 2
        let taken = min(windows, gramsMax)
        var keys: Set<Trigram> = []
        for index in 0..<taken {
            let start = taken == windows ? index : index * (windows - 1) / (taken - 1)
            keys.insert(Trigram(text[start], text[start + 1], text[start + 2]))
        }
        return keys.count == 1 ? .key(keys.first!) : .all(keys.sorted().map { .key($0) })
    }

    /// What a document with at least one of `texts` must have.
    static func grams(ofAny texts: [[UInt8]]) -> Self {
        guard texts.allSatisfy({ $0.count >= 3 }) else { return .everything }
        return texts.dropFirst().reduce(texts.first.map(grams(of:)) ?? .everything) { $0.or(grams(of: $1)) }
    }

    func and(_ other: Self) -> Self {
        if self == .everything || self == other { return other }
        if other == .everything { return self }
        var parts = conjuncts
        for part in other.conjuncts where parts.count < Self.conjunctsMax && !parts.contains(part) { parts.append(part) }
        return .all(parts)
    }

    func or(_ other: Self) -> Self {
        if self == .everything || other == .everything { return .everything }
        if self == other { return self }
        let parts = alternatives + other.alternatives
        return parts.count > Self.alternativesMax ? .everything : .any(parts)
    }

    /// Whether a further conjunct would be left out.
    var isFull: Bool { if case .all(let parts) = self { parts.count >= Self.conjunctsMax } else { false } }

    private var conjuncts: [Self] { if case .all(let parts) = self { parts } else { [self] } }

    private var alternatives: [Self] { if case .any(let parts) = self { parts } else { [self] } }
}
