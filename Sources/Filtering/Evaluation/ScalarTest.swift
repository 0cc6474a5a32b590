import ByteCoding
import ColumnStore
import VectorModel

/// The number by which rows name a metadata string; `nil` if none has it.
typealias StringNumbers = (String) throws(Corruption) -> UInt32?

/// One comparison bound to a string table: operands as the bits that entries hold.
///
/// Numbers: an integer compares with a float by value, exactly (no rounding of large integers). Strings and booleans only compare with their own kind.
/// NaN equals nothing and is neither less nor greater.
struct ScalarTest {
    /// The test is the complement of `relation`; rows without the key pass.
    let isNegated: Bool
    private let relation: Relation

    private enum Relation {
        case equal(Operand)
        case ordered(Operand, Order)
        case isIn(OperandSet)
        case contains(Operand)
        case any
    }

    private enum Order { case less, lessOrEqual, greater, greaterOrEqual }

    init(_ comparison: MetadataComparison, numbers strings: StringNumbers) throws(Corruption) {
        switch comparison {
        case .equal(let value): (isNegated, relation) = (false, .equal(try Operand(value, strings)))
        case .notEqual(let value): (isNegated, relation) = (true, .equal(try Operand(value, strings)))
        case .less(let value): (isNegated, relation) = (false, .ordered(try Operand(value, strings), .less))
        case .lessOrEqual(let value): (isNegated, relation) = (false, .ordered(try Operand(value, strings), .lessOrEqual))
        case .greater(let value): (isNegated, relation) = (false, .ordered(try Operand(value, strings), .greater))
        case .greaterOrEqual(let value): (isNegated, relation) = (false, .ordered(try Operand(value, strings), .greaterOrEqual))
        case .isIn(let values): (isNegated, relation) = (false, .isIn(try OperandSet(values, strings)))
        case .notIn(let values): (isNegated, relation) = (true, .isIn(try OperandSet(values, strings)))
        case .contains(let value): (isNegated, relation) = (false, .contains(try Operand(value, strings)))
        case .notContains(let value): (isNegated, relation) = (true, .contains(try Operand(value, strings)))
        case .exists: (isNegated, relation) = (false, .any)
        case .missing: (isNegated, relation) = (true, .any)
        case .text, .date: preconditionFailure("a test of a string's text is compiled as a StringTest")
        }
    }

    /// Whether the positive relation holds for `entry`.
    @inline(__always)
    func accepts(_ entry: MetadataEntry) -> Bool {
        switch relation {
        case .equal(let operand): operand.equals(kind: entry.kind, bits: entry.bits)
        case .ordered(let operand, let order): operand.orders(kind: entry.kind, bits: entry.bits, order)
        case .isIn(let operands): operands.contains(kind: entry.kind, bits: entry.bits)
        case .contains(let operand):
            entry.kind.isArray && operand.hasKind(entry.kind.elementKind)
                && entry.elements.contains { operand.equals(kind: entry.kind.elementKind, bits: $0) }
        case .any: true
        }
    }

    /// A scalar to compare with. A string that no row has is `.absent`, and so are an array and a sparse vector, which no comparison takes.
    private enum Operand {
        case string(UInt64)
        case integer(Int64)
        case float(Double)
        case boolean(UInt64)
        case absent

        init(_ value: MetadataValue, _ strings: StringNumbers) throws(Corruption) {
            switch value {
            case .string(let string): self = if let number = try strings(string) { .string(UInt64(number)) } else { .absent }
            case .integer(let integer): self = .integer(integer)
            case .float(let float): self = .float(float)
            case .boolean(let boolean): self = .boolean(boolean ? 1 : 0)
            case .strings, .integers, .floats, .booleans, .sparse: self = .absent
            }
        }

        @inline(__always)
        func equals(kind: MetadataKind, bits: UInt64) -> Bool {
            switch self {
            case .string(let number): kind == .string && bits == number
            case .boolean(let boolean): kind == .boolean && bits == boolean
            case .integer(let integer):
                kind == .integer
                    ? Int64(bitPattern: bits) == integer
                    : kind == .float && Self.equal(integer, Double(bitPattern: bits))
            case .float(let float):
                kind == .float ? Double(bitPattern: bits) == float : kind == .integer && Self.equal(Int64(bitPattern: bits), float)
            case .absent: false
            }
        }

        /// Membership of arrays is asked in the array's own kind: 1 is not found in [1.0, 2.5], as in Chroma.
        func hasKind(_ kind: MetadataKind) -> Bool {
            switch (self, kind) {
            case (.string, .string), (.integer, .integer), (.float, .float), (.boolean, .boolean): true
            case (.string, _), (.integer, _), (.float, _), (.boolean, _), (.absent, _): false
            }
        }

        @inline(__always)
        func orders(kind: MetadataKind, bits: UInt64, _ order: Order) -> Bool {
            switch (self, kind) {
            case (.integer(let right), .integer): Self.holds(order, Int64(bitPattern: bits), right)
            case (.integer(let right), .float): Self.holds(order, Double(bitPattern: bits), right)
            case (.float(let right), .integer): Self.holds(order, Int64(bitPattern: bits), right)
            case (.float(let right), .float): Self.holds(order, Double(bitPattern: bits), right)
            case (.string, _), (.boolean, _), (.absent, _), (_, .string), (_, .boolean), (_, .strings), (_, .integers), (_, .floats),
                (_, .booleans), (_, .sparse):
                false
            }
        }

        @inline(__always)
        private static func holds<Left: Numeric & Comparable>(_ order: Order, _ left: Left, _ right: Left) -> Bool {
            switch order {
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            }
        }

        @inline(__always)
        private static func holds(_ order: Order, _ left: Double, _ right: Int64) -> Bool {
            guard !left.isNaN else { return false }
            let comparison = Self.compare(right, left)
            return Self.holds(order, -comparison, 0)
        }

        @inline(__always)
        private static func holds(_ order: Order, _ left: Int64, _ right: Double) -> Bool {
            guard !right.isNaN else { return false }
            return Self.holds(order, Self.compare(left, right), 0)
        }

        @inline(__always)
        private static func equal(_ integer: Int64, _ float: Double) -> Bool { Int64(exactly: float) == integer }

        /// −1, 0 or 1 as `integer` is below, equal to or above `float`, without rounding the integer.
        private static func compare(_ integer: Int64, _ float: Double) -> Int {
            if float >= 0x1p63 { return -1 }
            if float < -0x1p63 { return 1 }
            let whole = Int64(float.rounded(.down))
            if integer != whole { return integer < whole ? -1 : 1 }
            return float > Double(whole) ? -1 : 0
        }
    }

    /// The operands of `$in`: few are compared one by one, many are looked up in a set of bits.
    private struct OperandSet {
        private let few: [Operand]
        private let strings: Set<UInt64>
        private let integers: Set<Int64>
        private let floats: Set<Double>
        private let booleans: Set<UInt64>
        private static var fewMax: Int { 8 }

        init(_ values: [MetadataValue], _ numbers: StringNumbers) throws(Corruption) {
            var operands: [Operand] = []
            for value in values { operands.append(try Operand(value, numbers)) }
            few = operands.count <= Self.fewMax ? operands : []
            var (strings, integers, floats, booleans) = (Set<UInt64>(), Set<Int64>(), Set<Double>(), Set<UInt64>())
            if operands.count > Self.fewMax {
                for operand in operands {
                    switch operand {
                    case .string(let number): strings.insert(number)
                    case .integer(let integer): integers.insert(integer)
                    case .float(let float):
                        // An integral float is looked up as an integer too, so that 1.0 finds 1.
                        floats.insert(float)
                        if let integer = Int64(exactly: float) { integers.insert(integer) }
                    case .boolean(let boolean): booleans.insert(boolean)
                    case .absent: break
                    }
                }
            }
            (self.strings, self.integers, self.floats, self.booleans) = (strings, integers, floats, booleans)
        }

        @inline(__always)
        func contains(kind: MetadataKind, bits: UInt64) -> Bool {
            for operand in few where operand.equals(kind: kind, bits: bits) { return true }
            guard few.isEmpty else { return false }
            switch kind {
            case .string: return strings.contains(bits)
            case .boolean: return booleans.contains(bits)
            case .integer: return integers.contains(Int64(bitPattern: bits))
            case .float:
                let float = Double(bitPattern: bits)
                return floats.contains(float) || Int64(exactly: float).map(integers.contains) == true
            case .strings, .integers, .floats, .booleans, .sparse: return false
            }
        }
    }
}
