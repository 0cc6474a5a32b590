import ByteCoding
import ColumnStore
import VectorModel

/// What a comparison accepts of the values of a key, as ranges of `ColumnKey`s for each kind of value. Says exactly what `ScalarTest` says.
struct ColumnQuery {
    /// Rows that are not found pass, those without the key among them.
    let isNegated: Bool
    /// Of how many values each that is asked for stands: 1, unless only some of a long list were taken.
    private(set) var valuesPerSample = 1.0
    /// By the raw value of the kind: ascending ranges that do not overlap.
    private var ranges: [[ClosedRange<UInt64>]] = Array(repeating: [], count: ColumnIndexFormat.kindCount)

    /// The ranges for values of one kind.
    subscript(kind: MetadataKind) -> [ClosedRange<UInt64>] { ranges[Int(kind.rawValue)] }

    /// Cost: linear in the values of a list, besides looking up strings and sorting.
    /// - Parameters:
    ///   - strings: the numbers of the rows' strings.
    ///   - valuesMax: of a longer list only about so many values are taken, evenly: for an estimate.
    /// - Returns: `nil` for a comparison that is no matter of ranges.
    init?(_ comparison: MetadataComparison, numbers strings: StringNumbers, valuesMax: Int = .max) throws(Corruption) {
        switch comparison {
        case .equal(let value):
            isNegated = false
            try insert([value], .scalars, strings, valuesMax)
        case .notEqual(let value):
            isNegated = true
            try insert([value], .scalars, strings, valuesMax)
        case .isIn(let values):
            isNegated = false
            try insert(values, .scalars, strings, valuesMax)
        case .notIn(let values):
            isNegated = true
            try insert(values, .scalars, strings, valuesMax)
        case .contains(let value):
            isNegated = false
            try insert([value], .elements, strings, valuesMax)
        case .notContains(let value):
            isNegated = true
            try insert([value], .elements, strings, valuesMax)
        case .less, .lessOrEqual:
            isNegated = false
            try insert(comparison, isBelow: true, strings)
        case .greater, .greaterOrEqual:
            isNegated = false
            try insert(comparison, isBelow: false, strings)
        // Rows whose value is an empty array have no key; of a string's text its number says nothing.
        case .exists, .missing, .text, .date: return nil
        }
    }

    // MARK: Values

    /// What values are compared with.
    private enum Target { case scalars, elements }

    private mutating func insert(
        _ values: [MetadataValue], _ target: Target, _ strings: StringNumbers, _ valuesMax: Int
    ) throws(Corruption) {
        let step = values.count > valuesMax ? (values.count + valuesMax - 1) / valuesMax : 1
        if step > 1 { valuesPerSample = Double(values.count) / Double((values.count + step - 1) / step) }
        var keys: [[UInt64]] = Array(repeating: [], count: ranges.count)
        for index in stride(from: 0, to: values.count, by: step) {
            try Self.forEachKey(of: values[index], target, strings) { kind, key in keys[Int(kind.rawValue)].append(key) }
        }
        for kind in keys.indices where !keys[kind].isEmpty {
            keys[kind].sort()
            var last: UInt64?
            for key in keys[kind] where key != last {
                ranges[kind].append(key...key)
                last = key
            }
        }
    }

    /// A number is found among scalars of both kinds of numbers, and among elements of its own kind only.
    private static func forEachKey(
        of value: MetadataValue, _ target: Target, _ strings: StringNumbers, _ body: (MetadataKind, UInt64) -> Void
    ) throws(Corruption) {
        func give(_ kind: MetadataKind, _ bits: UInt64) { body(kind, ColumnKey.key(of: bits, kind: kind)) }
        switch (value, target) {
        case (.string(let string), _):
            if let number = try strings(string) { give(target == .scalars ? .string : .strings, UInt64(number)) }
        case (.boolean(let boolean), _): give(target == .scalars ? .boolean : .booleans, boolean ? 1 : 0)
        case (.integer(let integer), .scalars):
            give(.integer, UInt64(bitPattern: integer))
            if let float = Double(exactly: integer) { give(.float, float.bitPattern) }
        case (.float(let float), .scalars):
            if !float.isNaN { give(.float, float.bitPattern) }
            if let integer = Int64(exactly: float) { give(.integer, UInt64(bitPattern: integer)) }
        case (.integer(let integer), .elements): give(.integers, UInt64(bitPattern: integer))
        case (.float(let float), .elements): if !float.isNaN { give(.floats, float.bitPattern) }
        // No comparison takes an array or a sparse vector.
        case (.strings, _), (.integers, _), (.floats, _), (.booleans, _), (.sparse, _): break
        }
    }

    // MARK: Ranges

    /// Finds where an ordered comparison changes its answer by asking it, so that both agree to the bit.
    private mutating func insert(_ comparison: MetadataComparison, isBelow: Bool, _ strings: StringNumbers) throws(Corruption) {
        let test = try ScalarTest(comparison, numbers: strings)
        for kind in [MetadataKind.integer, .float] {
            guard let all = ColumnKey.ordered(kind) else { continue }
            let accepts = { (key: UInt64) in test.accepts(MetadataEntry(key: 0, kind: kind, bits: ColumnKey.bits(of: key, kind: kind))) }
            guard var accepted = isBelow ? all.lowerBound : all.upperBound as UInt64?, accepts(accepted) else { continue }
            var refused = isBelow ? all.upperBound : all.lowerBound
            if accepts(refused) {
                ranges[Int(kind.rawValue)] = [all]
                continue
            }
            // One of them is accepted and the other is not; they close in on each other.
            while max(accepted, refused) - min(accepted, refused) > 1 {
                let middle = min(accepted, refused) + (max(accepted, refused) - min(accepted, refused)) / 2
                if accepts(middle) { accepted = middle } else { refused = middle }
            }
            ranges[Int(kind.rawValue)] = [isBelow ? all.lowerBound...accepted : accepted...all.upperBound]
        }
    }
}
