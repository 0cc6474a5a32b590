import VectorModel

/// One order over metadata values of all kinds: nothing, booleans, numbers, strings, sparse vectors, then lists.
///
/// Integers and floats are ordered together, by value; strings by their UTF-8 bytes; lists by their elements. Sparse vectors have no order.
enum MetadataOrder {
    enum Comparison {
        case ascending
        case same
        case descending
    }

    static func compare(_ left: MetadataValue?, _ right: MetadataValue?) -> Comparison {
        guard let left, let right else { return compare(left == nil ? 0 : 1, right == nil ? 0 : 1) }
        switch left {
        case .boolean(let first):
            if case .boolean(let second) = right { return compare(first ? 1 : 0, second ? 1 : 0) }
        case .integer(let first):
            if case .integer(let second) = right { return compare(first, second) }
            if case .float(let second) = right { return compare(first, second) }
        case .float(let first):
            if case .float(let second) = right { return compare(first, second) }
            if case .integer(let second) = right { return compare(second, first).reversed }
        case .string(let first):
            if case .string(let second) = right { return compare(first, second) }
        case .sparse: break
        case .booleans(let first):
            if case .booleans(let second) = right { return compare(first, second) { compare($0 ? 1 : 0, $1 ? 1 : 0) } }
        case .integers(let first):
            if case .integers(let second) = right { return compare(first, second) { compare($0, $1) } }
        case .floats(let first):
            if case .floats(let second) = right { return compare(first, second) { compare($0, $1) } }
        case .strings(let first):
            if case .strings(let second) = right { return compare(first, second) { compare($0, $1) } }
        }
        return compare(kind(left), kind(right))
    }

    private static func kind(_ value: MetadataValue) -> Int {
        switch value {
        case .boolean: 0
        case .integer, .float: 1
        case .string: 2
        case .sparse: 3
        case .booleans: 4
        case .integers: 5
        case .floats: 6
        case .strings: 7
        }
    }

    /// By value, also where no double equals the integer.
    private static func compare(_ left: Int64, _ right: Double) -> Comparison {
        guard Double(left) == right else { return compare(Double(left), right) }
        guard let whole = Int64(exactly: right) else { return .ascending }
        return compare(left, whole)
    }

    /// What is not a number comes last.
    private static func compare(_ left: Double, _ right: Double) -> Comparison {
        if left.isNaN || right.isNaN { return compare(left.isNaN ? 1 : 0, right.isNaN ? 1 : 0) }
        return left < right ? .ascending : left == right ? .same : .descending
    }

    private static func compare(_ left: String, _ right: String) -> Comparison {
        if left.utf8.lexicographicallyPrecedes(right.utf8) { return .ascending }
        return right.utf8.lexicographicallyPrecedes(left.utf8) ? .descending : .same
    }

    private static func compare(_ left: some FixedWidthInteger, _ right: some FixedWidthInteger) -> Comparison {
        left < right ? .ascending : left == right ? .same : .descending
    }

    private static func compare<Element>(_ left: [Element], _ right: [Element], _ elements: (Element, Element) -> Comparison) -> Comparison {
        for (first, second) in zip(left, right) {
            switch elements(first, second) {
            case .ascending: return .ascending
            case .descending: return .descending
            case .same: break
            }
        }
        return compare(left.count, right.count)
    }
}

extension MetadataOrder.Comparison {
    fileprivate var reversed: MetadataOrder.Comparison {
        switch self {
        case .ascending: .descending
        case .same: .same
        case .descending: .ascending
        }
    }
}

extension MetadataValue {
    /// Itself if it is neither a list nor a sparse vector.
    var scalar: MetadataValue? {
        switch self {
        case .string, .integer, .float, .boolean: self
        case .strings, .integers, .floats, .booleans, .sparse: nil
        }
    }
}
