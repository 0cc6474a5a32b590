/// Reads a pattern in RE2 syntax for what its matches must hold.
///
/// Meant for patterns that RE2 has compiled. It is conservative: what it does not know, or RE2's versions could read in two ways, ends the reading,
/// and then nothing is required. Cost: O(length), with nesting up to `depthMax`.
struct PatternParser {
    /// The pattern has something that is not understood.
    struct NotUnderstood: Error {}

    private static let depthMax = 64

    var rest: ArraySlice<Unicode.Scalar>
    private var ignoresCase = false
    private var isQuoted = false
    private var depth = 0

    private init(_ pattern: String) {
        rest = Array(pattern.unicodeScalars)[...]
    }

    /// What is known of the pattern's matches; nil when it is not understood.
    static func strings(of pattern: String) -> PatternStrings? {
        var parser = PatternParser(pattern)
        guard let strings = try? parser.alternation(), parser.rest.isEmpty else { return nil }
        return strings
    }

    // MARK: Structure

    private mutating func alternation() throws(NotUnderstood) -> PatternStrings {
        var result = try sequence()
        while !isQuoted, take("|") { result = result.or(try sequence()) }
        return result
    }

    /// Up to `|`, `)` or the end. Plain characters are gathered and joined at once.
    private mutating func sequence() throws(NotUnderstood) -> PatternStrings {
        var result = PatternStrings.empty
        var run: [UInt8] = []
        while let next = try element() {
            if case .character(let character) = next, try !isRepetitionNext(), !ignoresCase {
                run.append(contentsOf: UTF8.encode(character)!)
                continue
            }
            if !run.isEmpty { result = result.followed(by: .literal(run)) }
            run = []
            result = result.followed(by: try repeated(strings(of: next)))
        }
        return run.isEmpty ? result : result.followed(by: .literal(run))
    }

    private enum Element {
        case character(Unicode.Scalar)
        case strings(PatternStrings)
    }

    private func strings(of element: Element) -> PatternStrings {
        switch element {
        case .character(let character): CaseVariants.strings(of: character, ignoresCase: ignoresCase)
        case .strings(let strings): strings
        }
    }

    /// The next element; nil at the end of the sequence. What only changes how the rest is read is passed over.
    private mutating func element() throws(NotUnderstood) -> Element? {
        while true {
            if isQuoted {
                if takeText("\\E") {
                    isQuoted = false
                    continue
                }
                guard let character = rest.popFirst() else { return nil }
                // A repetition behind \E is of the last quoted character.
                if takeText("\\E") { isQuoted = false }
                return .character(character)
            }
            guard let first = rest.first, first != "|", first != ")" else { return nil }
            rest.removeFirst()
            if first == "(" {
                if let strings = try group() { return .strings(strings) }
            } else if first == "\\", take("Q") {
                isQuoted = true
            } else {
                return try element(first)
            }
        }
    }

    /// An element that is neither group nor quoted, of which `first` is taken.
    private mutating func element(_ first: Unicode.Scalar) throws(NotUnderstood) -> Element {
        switch first {
        case "[": return .strings(try characterClass())
        case ".": return .strings(.anything)
        case "^", "$": return .strings(.empty)
        case "*", "+", "?": throw NotUnderstood()
        case "\\": return try escape()
        case _: return .character(first)
        }
    }

    /// What follows `(`; nil when that was flags for the rest of the group around.
    private mutating func group() throws(NotUnderstood) -> PatternStrings? {
        let outerIgnoresCase = ignoresCase
        if take("?") {
            if takeText("P<") || take("<") {
                while let character = rest.popFirst(), character != ">" {
                    let properties = character.properties
                    guard character == "_" || properties.isAlphabetic || properties.numericType != nil else { throw NotUnderstood() }
                }
            } else if try !flags() {
                return nil
            }
        }
        guard depth < Self.depthMax else { throw NotUnderstood() }
        depth += 1
        let strings = try alternation()
        depth -= 1
        guard take(")") else { throw NotUnderstood() }
        ignoresCase = outerIgnoresCase
        return strings
    }

    /// Flags and what ends them. - Returns: whether a group follows.
    private mutating func flags() throws(NotUnderstood) -> Bool {
        var value = true
        while let flag = rest.popFirst() {
            switch flag {
            case "i": ignoresCase = value
            // Where `.`, `^` and `$` match, and how greedy repetitions are, changes nothing here.
            case "m", "s", "U": break
            case "-": value = false
            case ":": return true
            case ")": return false
            case _: throw NotUnderstood()
            }
        }
        throw NotUnderstood()
    }

    // MARK: Repetition

    private func isRepetitionNext() throws(NotUnderstood) -> Bool {
        guard !isQuoted, let next = rest.first else { return false }
        if next == "*" || next == "+" || next == "?" { return true }
        guard next == "{" else { return false }
        var copy = self
        return try copy.counts() != nil
    }

    private mutating func repeated(_ strings: PatternStrings) throws(NotUnderstood) -> PatternStrings {
        var result = strings
        while try isRepetitionNext() {
            if take("*") {
                result = result.repeated(0, nil)
            } else if take("+") {
                result = result.repeated(1, nil)
            } else if take("?") {
                result = result.repeated(0, 1)
            } else if let (minimum, maximum) = try counts() {
                result = result.repeated(minimum, maximum)
            }
            // Not greedy: finds another match first, but no other documents.
            _ = take("?")
        }
        return result
    }

    /// `{n}`, `{n,}` or `{n,m}`; nil, with nothing taken, when the brace stands for itself.
    private mutating func counts() throws(NotUnderstood) -> (Int, Int?)? {
        let before = rest
        guard take("{"), let next = rest.first, ("0"..."9").contains(next) || next == "," else {
            rest = before
            return nil
        }
        // Versions of RE2 differ in what they make of `{,m}`, leading zeros and huge numbers.
        let minimum = try number()
        if take("}") { return (minimum, minimum) }
        guard take(",") else { throw NotUnderstood() }
        if take("}") { return (minimum, nil) }
        let maximum = try number()
        guard take("}"), maximum >= minimum else { throw NotUnderstood() }
        return (minimum, maximum)
    }

    private mutating func number() throws(NotUnderstood) -> Int {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count <= 4, digits.count == 1 || digits.first != "0" else { throw NotUnderstood() }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1.value - 48) }
    }

    // MARK: Escapes

    private mutating func escape() throws(NotUnderstood) -> Element {
        guard let character = rest.first else { throw NotUnderstood() }
        switch character {
        case "A", "z", "b", "B":
            rest.removeFirst()
            return .strings(.empty)
        case "C":
            rest.removeFirst()
            return .strings(.anything)
        case _:
            if try namedClass() { return .strings(.anything) }
            return .character(try escapedCharacter())
        }
    }

    /// Takes the rest of `\d`, `\W`, `\pL`, `\P{Greek}` and the like. - Returns: false, with nothing taken, when it is none.
    mutating func namedClass() throws(NotUnderstood) -> Bool {
        guard let character = rest.first, "dDsSwWpP".unicodeScalars.contains(character) else { return false }
        rest.removeFirst()
        guard character == "p" || character == "P" else { return true }
        guard let name = rest.popFirst() else { throw NotUnderstood() }
        guard name == "{" else { return true }
        while let part = rest.popFirst() { if part == "}" { return true } }
        throw NotUnderstood()
    }

    /// The character that an escape, of which the backslash is taken, stands for.
    mutating func escapedCharacter() throws(NotUnderstood) -> Unicode.Scalar {
        guard let character = rest.popFirst() else { throw NotUnderstood() }
        switch character {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal()
        // Octal numbers, back references and whatever else letters may come to mean.
        case _ where !character.isASCII || character.properties.isAlphabetic || ("0"..."9").contains(character): throw NotUnderstood()
        case _: return character
        }
    }

    private mutating func hexadecimal() throws(NotUnderstood) -> Unicode.Scalar {
        let hasBraces = take("{")
        let digits = hasBraces ? rest.prefix { $0 != "}" } : rest.prefix(2)
        guard hasBraces ? !digits.isEmpty && digits.count <= 8 : digits.count == 2 else { throw NotUnderstood() }
        rest = rest[digits.endIndex...]
        if hasBraces, !take("}") { throw NotUnderstood() }
        guard digits.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16), let character = Unicode.Scalar(value)
        else { throw NotUnderstood() }
        return character
    }

    // MARK: Taking

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func takeText(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest = rest.dropFirst(text.unicodeScalars.count)
        return true
    }

    /// The same pattern's flag, for classes.
    var isCaseIgnored: Bool { ignoresCase }
}
