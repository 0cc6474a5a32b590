public import Filtering
public import VectorModel

/// A record as filters see it.
public struct PlainRecord: Hashable, Sendable {
    public var identifier: String
    public var metadata: Metadata?
    public var document: String?

    public init(identifier: String, metadata: Metadata?, document: String?) {
        self.identifier = identifier
        self.metadata = metadata
        self.document = document
    }
}

/// The plainest possible evaluation of conditions: record by record, value by value. What every other evaluation is compared with.
///
/// Of regular expressions and dates it knows those of `patterns` and `dates`, by heart.
public enum PlainFilter {
    public static func holds(_ condition: MetadataCondition, _ record: PlainRecord) -> Bool {
        switch condition {
        case .all(let parts): parts.allSatisfy { holds($0, record) }
        case .any(let parts): parts.contains { holds($0, record) }
        case .not(let part): !holds(part, record)
        case .compare(MetadataCondition.identifierKey, let comparison): holds(comparison, .string(record.identifier))
        case .compare(let key, let comparison): holds(comparison, record.metadata?[key])
        case .document(let condition): holds(condition, record.document)
        }
    }

    public static func holds(_ condition: DocumentCondition, _ document: String?) -> Bool {
        switch condition {
        case .all(let parts): parts.allSatisfy { holds($0, document) }
        case .any(let parts): parts.contains { holds($0, document) }
        case .contains(let text): document.map { contains($0, text) } ?? false
        case .notContains(let text): !(document.map { contains($0, text) } ?? false)
        case .matches(let pattern): document.map { patterns[pattern]!($0) } ?? false
        case .notMatches(let pattern): !(document.map { patterns[pattern]!($0) } ?? false)
        }
    }

    private static func holds(_ comparison: MetadataComparison, _ value: MetadataValue?) -> Bool {
        switch comparison {
        case .equal(let operand): equal(value, operand)
        case .notEqual(let operand): !equal(value, operand)
        case .less(let operand): order(value, operand).map { $0 < 0 } ?? false
        case .lessOrEqual(let operand): order(value, operand).map { $0 <= 0 } ?? false
        case .greater(let operand): order(value, operand).map { $0 > 0 } ?? false
        case .greaterOrEqual(let operand): order(value, operand).map { $0 >= 0 } ?? false
        case .isIn(let list): list.contains { equal(value, $0) }
        case .notIn(let list): !list.contains { equal(value, $0) }
        case .contains(let operand): contains(value, operand)
        case .notContains(let operand): !contains(value, operand)
        case .exists: value != nil
        case .missing: value == nil
        case .text(let comparison): text(value).map { holds(comparison, $0) } ?? false
        case .date(let comparison): text(value).flatMap { dates[$0] ?? nil }.map { holds(comparison, $0) } ?? false
        }
    }

    private static func holds(_ comparison: TextComparison, _ text: String) -> Bool {
        switch comparison {
        case .like(let pattern): like(Array(text.unicodeScalars), Array(pattern.unicodeScalars))
        case .prefix(let prefix): Array(text.utf8).starts(with: Array(prefix.utf8))
        case .substring(let part): contains(text, part)
        case .matches(let pattern): patterns[pattern]!(text)
        }
    }

    private static func holds(_ comparison: DateComparison, _ moment: Int64) -> Bool {
        switch comparison.order {
        case .less: moment < comparison.microseconds
        case .lessOrEqual: moment <= comparison.microseconds
        case .greater: moment > comparison.microseconds
        case .greaterOrEqual: moment >= comparison.microseconds
        case .equal: moment == comparison.microseconds
        }
    }

    // MARK: Values

    private static func text(_ value: MetadataValue?) -> String? {
        if case .string(let text)? = value { text } else { nil }
    }

    private static func equal(_ left: MetadataValue?, _ right: MetadataValue) -> Bool {
        if let order = order(left, right) { return order == 0 }
        switch (left, right) {
        case (.string(let left)?, .string(let right)): return Array(left.utf8) == Array(right.utf8)
        case (.boolean(let left)?, .boolean(let right)): return left == right
        default: return false
        }
    }

    /// Negative, 0 or positive for two numbers; `nil` for anything else.
    private static func order(_ left: MetadataValue?, _ right: MetadataValue) -> Int? {
        switch (left, right) {
        case (.integer(let left)?, .integer(let right)): return left < right ? -1 : left > right ? 1 : 0
        case (.float(let left)?, .float(let right)): return left < right ? -1 : left > right ? 1 : left == right ? 0 : nil
        case (.integer(let left)?, .float(let right)): return order(left, right)
        case (.float(let left)?, .integer(let right)): return order(right, left).map { -$0 }
        default: return nil
        }
    }

    private static func order(_ integer: Int64, _ float: Double) -> Int? {
        if float.isNaN { return nil }
        // Beyond 2⁶³ no integer is, and below that the whole part is one.
        guard abs(float) < 0x1p63 else { return float > 0 ? -1 : 1 }
        let whole = Int64(float)
        if integer != whole { return integer < whole ? -1 : 1 }
        let rest = float - Double(whole)
        return rest > 0 ? -1 : rest < 0 ? 1 : 0
    }

    private static func contains(_ value: MetadataValue?, _ operand: MetadataValue) -> Bool {
        switch (value, operand) {
        case (.strings(let elements)?, .string(let operand)): elements.contains { Array($0.utf8) == Array(operand.utf8) }
        case (.integers(let elements)?, .integer(let operand)): elements.contains(operand)
        case (.floats(let elements)?, .float(let operand)): elements.contains(operand)
        case (.booleans(let elements)?, .boolean(let operand)): elements.contains(operand)
        default: false
        }
    }

    // MARK: Texts

    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { Array(text[$0..<$0 + part.count]) == part }
    }

    private static func like(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        switch first {
        case "%": return (0...text.count).contains { like(Array(text[$0...]), Array(pattern.dropFirst())) }
        case "_": return !text.isEmpty && like(Array(text.dropFirst()), Array(pattern.dropFirst()))
        case "\\": return text.first == pattern[1] && like(Array(text.dropFirst()), Array(pattern.dropFirst(2)))
        default: return text.first == first && like(Array(text.dropFirst()), Array(pattern.dropFirst()))
        }
    }

    /// Regular expressions, and what they mean.
    public static let patterns: [String: @Sendable (String) -> Bool] = [
        "^a": { $0.utf8.first == UInt8(ascii: "a") },
        "b$": { $0.utf8.last == UInt8(ascii: "b") },
        "a|ü": { $0.unicodeScalars.contains("a") || $0.unicodeScalars.contains("ü") },
        "^$": { $0.isEmpty },
        "": { _ in true },
        "(?i)A": { $0.unicodeScalars.contains("a") || $0.unicodeScalars.contains("A") },
        "^[0-9]+$": { text in !text.isEmpty && text.unicodeScalars.allSatisfy { ("0"..."9").contains($0) } },
    ]

    /// Texts and the moments that they say, in microseconds since 1970; `nil` for those that say none.
    public static let dates: [String: Int64?] = [
        "1970-01-01": 0,
        "2024-02-29": 1_709_164_800_000_000,
        "2024-02-29T00:00Z": 1_709_164_800_000_000,
        "2024-05-31T12:30:15+02:00": 1_717_151_415_000_000,
        "2024-05-31t10:30:15z": 1_717_151_415_000_000,
        "2024-05-31 10:30:15.0000019Z": 1_717_151_415_000_001,
        "1969-12-31T23:59:59.999999Z": -1,
        "0001-01-01": -62_135_596_800_000_000,
        "9999-12-31T23:59:59.999999Z": 253_402_300_799_999_999,
        "2024-05-31T10:30:15,5-0530": 1_717_171_215_500_000,
        "1900-03-01": -2_203_891_200_000_000,
        "2000-02-29T23:00-01": 951_868_800_000_000,
        "2000-02-29T23:59:60": 951_868_800_000_000,
        "2023-02-29": nil, "1900-02-29": nil, "2024-13-01": nil, "2024-00-01": nil, "2024-01-32": nil,
        "2024-04-31": nil, "2024-1-01": nil, "20240101": nil, "2024-01-01T": nil, "2024-01-01T24:00": nil,
        "2024-01-01T12": nil, "2024-01-01T12:60": nil, "2024-01-01T12:00:": nil, "2024-01-01T12:00:00.": nil,
        "2024-01-01Z": nil, "2024-01-01T12:00Zx": nil, "2024-01-01T12:00+": nil, "2024-01-01T12:00+2": nil,
        "2024-01-01T12:00+24:00": nil, "2024-01-01T12:00+02:60": nil, "2024-01-01T12:00 +02:00": nil, " 2024-01-01": nil,
        "-2024-01-01": nil, "2024-01-01\0": nil, "yesterday!": nil, "２０２４-01-01": nil,
    ]
}
