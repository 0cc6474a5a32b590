public import Filtering
import VectorModel

/// Random records and conditions on them: few keys and values, so that they meet.
public struct RandomFilters {
    public var generator: SeededGenerator

    public init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    private static let words = ["", "a", "ab", "b", "aüb", "ü", "A%", "a_b", "12", "x\\y", "a\nb", "日本"]
    private static let likes = ["%", "", "a%", "%b", "_", "a_b", "%ü%", "a\\_b", "A\\%", "x\\\\y", "__", "%_b", "日_", "a.b"]
    private static let keys = ["n", "s", "d", "b", "t", "rare"]

    public mutating func record(_ identifier: String) -> PlainRecord {
        PlainRecord(
            identifier: identifier, metadata: generator.chance(percent: 90) ? metadata() : nil,
            document: generator.chance(percent: 80) ? pick(Self.words) + pick(Self.words) : nil)
    }

    private mutating func metadata() -> Metadata? {
        var fields: [MetadataField] = []
        for key in Self.keys where generator.chance(percent: key == "rare" ? 4 : 75) { fields.append(MetadataField(key: key, value: value(key))) }
        return fields.isEmpty ? nil : Metadata(fields: fields)
    }

    /// Mostly of the kind that the key is for.
    private mutating func value(_ key: String) -> MetadataValue {
        if generator.chance(percent: 10) { return generator.chance(percent: 30) ? array() : scalar() }
        switch key {
        case "n": return number()
        case "d": return .string(date())
        case "b": return .boolean(generator.chance(percent: 50))
        case "t": return array()
        default: return .string(pick(Self.words))
        }
    }

    private mutating func scalar() -> MetadataValue {
        switch generator.next() % 4 {
        case 0: number()
        case 1: .string(pick(Self.words))
        case 2: .string(date())
        default: .boolean(generator.chance(percent: 50))
        }
    }

    private mutating func number() -> MetadataValue {
        switch generator.next() % 10 {
        case 0..<5: .integer(Int64.random(in: -3...3, using: &generator))
        case 5..<9: .float(Double(Int.random(in: -6...6, using: &generator)) / 2)
        default:
            pick([
                .integer(.max), .integer(.min), .integer(9_007_199_254_740_993), .float(9_007_199_254_740_992), .float(0x1p63), .float(-1e300),
            ])
        }
    }

    private mutating func array() -> MetadataValue {
        let count = Int.random(in: 1...3, using: &generator)
        switch generator.next() % 4 {
        case 0: return .strings((0..<count).map { _ in pick(Self.words) })
        case 1: return .integers((0..<count).map { _ in Int64.random(in: -3...3, using: &generator) })
        case 2: return .floats((0..<count).map { _ in Double(Int.random(in: -3...3, using: &generator)) / 2 })
        default: return .booleans((0..<count).map { _ in generator.chance(percent: 50) })
        }
    }

    private mutating func date() -> String { pick(PlainFilter.dates.keys.sorted()) }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[Int(generator.next() % UInt64(list.count))] }

    // MARK: Conditions

    /// - Parameter identifiers: ids that conditions may ask for.
    public mutating func condition(depth: Int, identifiers: [String]) -> MetadataCondition {
        if depth > 0, generator.chance(percent: 50) {
            let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(depth: depth - 1, identifiers: identifiers) }
            switch generator.next() % 3 {
            case 0: return .all(parts)
            case 1: return .any(parts)
            default: return .not(condition(depth: depth - 1, identifiers: identifiers))
            }
        }
        switch generator.next() % 10 {
        case 0: return .document(documentCondition())
        case 1: return .compare(key: MetadataCondition.identifierKey, comparison(on: identifiers))
        default: return .compare(key: generator.chance(percent: 3) ? "absent" : pick(Self.keys), comparison(on: Self.words))
        }
    }

    private mutating func documentCondition() -> DocumentCondition {
        switch generator.next() % 4 {
        case 0: .contains(pick(Self.words))
        case 1: .notContains(pick(Self.words))
        case 2: .matches(pattern: pattern())
        default: .notMatches(pattern: pattern())
        }
    }

    private mutating func comparison(on words: [String]) -> MetadataComparison {
        let value = generator.chance(percent: 30) ? .string(pick(words)) : scalar()
        let list = (0..<Int.random(in: 0...12, using: &generator)).map { _ in generator.chance(percent: 50) ? .string(pick(words)) : scalar() }
        switch generator.next() % 16 {
        case 0: return .equal(value)
        case 1: return .notEqual(value)
        case 2: return .less(number())
        case 3: return .lessOrEqual(number())
        case 4: return .greater(number())
        case 5: return .greaterOrEqual(number())
        case 6: return .isIn(list)
        case 7: return .notIn(list)
        case 8: return .contains(value)
        case 9: return .notContains(value)
        case 10: return .exists
        case 11: return .missing
        case 12, 13: return .text(textComparison(words))
        default: return .date(dateComparison())
        }
    }

    private mutating func textComparison(_ words: [String]) -> TextComparison {
        switch generator.next() % 4 {
        case 0: .like(pick(Self.likes))
        case 1: .prefix(pick(words))
        case 2: .substring(pick(words))
        default: .matches(pattern: pattern())
        }
    }

    private mutating func dateComparison() -> DateComparison {
        let moments = PlainFilter.dates.values.compactMap(\.self).sorted()
        return DateComparison(pick([.less, .lessOrEqual, .greater, .greaterOrEqual, .equal]), microseconds: pick(moments))
    }

    private mutating func pattern() -> String { pick(PlainFilter.patterns.keys.sorted()) }
}
