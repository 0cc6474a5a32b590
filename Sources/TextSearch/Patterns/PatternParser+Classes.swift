/// Sets of characters in brackets.
extension PatternParser {
    /// Characters of a class that are told one by one; of more it is only said that there is a character.
    private static let membersMax = 16

    /// What follows `[`, with the closing bracket. Known by its members when these are few.
    mutating func characterClass() throws(NotUnderstood) -> PatternStrings {
        let isNegated = take("^")
        var members: [ClosedRange<Unicode.Scalar>] = []
        var isKnown = !isNegated
        var isFirst = true
        while isFirst || rest.first != "]" {
            isFirst = false
            guard let next = rest.first else { throw NotUnderstood() }
            if next == "[", rest.dropFirst().first == ":" {
                try skipNamedSet()
                isKnown = false
            } else if try takeNamedClass() {
                isKnown = false
            } else {
                members.append(try range())
            }
        }
        rest.removeFirst()
        return isKnown ? strings(of: members) : .anything
    }

    /// `[:alpha:]` and the like.
    private mutating func skipNamedSet() throws(NotUnderstood) {
        rest = rest.dropFirst(2)
        while let character = rest.popFirst() { if character == ":", take("]") { return } }
        throw NotUnderstood()
    }

    private mutating func takeNamedClass() throws(NotUnderstood) -> Bool {
        guard rest.first == "\\" else { return false }
        var copy = self
        copy.rest.removeFirst()
        guard try copy.namedClass() else { return false }
        self = copy
        return true
    }

    private mutating func range() throws(NotUnderstood) -> ClosedRange<Unicode.Scalar> {
        let first = try member()
        // A hyphen before the bracket stands for itself.
        guard rest.first == "-", let after = rest.dropFirst().first, after != "]" else { return first...first }
        rest.removeFirst()
        let last = try member()
        guard first <= last else { throw NotUnderstood() }
        return first...last
    }

    private mutating func member() throws(NotUnderstood) -> Unicode.Scalar {
        guard let character = rest.popFirst() else { throw NotUnderstood() }
        return character == "\\" ? try escapedCharacter() : character
    }

    private func strings(of ranges: [ClosedRange<Unicode.Scalar>]) -> PatternStrings {
        var texts: Set<[UInt8]> = []
        for range in ranges {
            guard range.upperBound.value - range.lowerBound.value < Self.membersMax else { return .anything }
            for value in range.lowerBound.value...range.upperBound.value {
                // Surrogates between the bounds are no characters.
                guard let character = Unicode.Scalar(value) else { continue }
                guard let variants = CaseVariants.texts(of: character, ignoresCase: isCaseIgnored) else { return .anything }
                texts.formUnion(variants)
            }
            guard texts.count <= Self.membersMax else { return .anything }
        }
        return texts.isEmpty ? .anything : .choice(of: Array(texts))
    }
}

/// The characters that a character of a pattern matches.
enum CaseVariants {
    static func strings(of character: Unicode.Scalar, ignoresCase: Bool) -> PatternStrings {
        texts(of: character, ignoresCase: ignoresCase).map { .choice(of: $0) } ?? .anything
    }

    /// As UTF-8; nil when they are not known.
    static func texts(of character: Unicode.Scalar, ignoresCase: Bool) -> [[UInt8]]? {
        let text = Array(UTF8.encode(character)!)
        guard ignoresCase else { return [text] }
        guard character.isASCII else { return nil }
        guard character.properties.isAlphabetic else { return [text] }
        let variants = [[text[0] | 0x20], [text[0] & ~0x20]]
        switch variants[0][0] {
        // Simple case folding takes the Kelvin sign to k, and the long s to s.
        case UInt8(ascii: "k"): return variants + [Array("\u{212A}".utf8)]
        case UInt8(ascii: "s"): return variants + [Array("\u{17F}".utf8)]
        case _: return variants
        }
    }
}
