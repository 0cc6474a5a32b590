import ByteCoding
import ColumnStore
import Filtering
import TestSupport
import VectorModel

/// Rows in memory with a column index of them; `hidesIndex` has filters look at each row instead.
final class IndexedRows: FilterableRows {
    private let columns = MetadataColumns()
    private var entries: [UnsafeBufferPointer<MetadataEntry>] = []
    let keys: [String]
    let image: [UInt8]
    private(set) var index: ColumnIndex?
    var hidesIndex = false

    init(_ rows: [Metadata]) throws {
        for metadata in rows { entries.append(columns.encode(metadata)) }
        keys = Array(Set(rows.flatMap { $0.fields.map(\.key) })).sorted()
        var builder = ColumnIndexBuilder(rowCount: rows.count)
        for key in keys {
            guard let number = columns.keys.find(key) else { continue }
            var column = ColumnEntries()
            for (row, entries) in entries.enumerated() {
                if let entry = entries.first(where: { $0.key == number }) { column.append(row: row, entry) }
            }
            builder.append(column)
        }
        image = builder.finish().withUnsafeBytes { Array($0) }
        index = try Self.open(image, rowCount: rows.count, columnCount: keys.count)
    }

    /// Opens a copy of an image at an aligned place.
    static func open(_ image: [UInt8], rowCount: Int, columnCount: Int) throws(ColumnIndexDamage) -> ColumnIndex {
        let copy = AlignedCopy(image)
        return try ColumnIndex(copy.bytes, owner: copy, rowCount: rowCount, columnCount: columnCount)
    }

    /// Goes on with an index of other bytes.
    func use(_ index: ColumnIndex) { self.index = index }

    var rowCount: Int { entries.count }

    func metadataStringNumber(_ string: String) throws(Corruption) -> UInt32? { columns.strings.find(string) }
    /// A damaged index may ask for a string that there is not.
    func metadataString(_ number: UInt32) throws(Corruption) -> UnsafeRawBufferPointer {
        guard number < columns.strings.count else {
            throw Corruption(file: "rows", offset: 0, what: "string", expected: "\(columns.strings.count) strings", found: "\(number)")
        }
        return columns.strings.bytes(of: number)
    }

    func identifier(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
    func row(of identifier: String) throws(Corruption) -> Int? { nil }
    func document(of row: Int) throws(Corruption) -> UnsafeRawBufferPointer? { nil }

    func keep(
        in candidates: inout OrdinalSet, key: String, keepsMissing: Bool, where accepts: (MetadataEntry) -> Bool
    ) throws(Corruption) {
        let number = columns.keys.find(key)
        candidates.filter { row in entries[row].first { $0.key == number }.map(accepts) ?? keepsMissing }
    }

    func columnLookup(of key: String) throws(Corruption) -> ColumnLookup? {
        guard !hidesIndex, let index else { return nil }
        return index.lookup(column: keys.firstIndex(of: key), values: Values(rows: self, key: columns.keys.find(key)))
    }

    /// The rows that match, by the index or by looking at each.
    func matches(_ filter: CompiledFilter, among candidates: OrdinalSet, indexed: Bool) throws -> OrdinalSet {
        var found = candidates
        hidesIndex = !indexed
        defer { hidesIndex = false }
        try filter.apply(to: &found, of: self)
        return found
    }

    private struct Values: ColumnValues {
        let rows: IndexedRows
        let key: UInt32?

        func bits(ofRow row: Int, kind: MetadataKind) throws(Corruption) -> UInt64 {
            guard let entry = rows.entries[row].first(where: { $0.key == key }), entry.kind == kind else {
                throw Corruption(file: "rows", offset: row, what: "value", expected: "\(kind)", found: "none")
            }
            return entry.bits
        }
    }
}

/// Bytes at a multiple of 64.
private final class AlignedCopy: @unchecked Sendable {
    // SAFETY: written once, before anybody else has it.
    private let memory: UnsafeMutableRawBufferPointer
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    init(_ bytes: [UInt8]) {
        memory = .allocate(byteCount: bytes.count, alignment: 64)
        memory.copyBytes(from: bytes)
    }

    deinit { memory.deallocate() }
}

/// Makes rows whose keys are of every sort that an index tells apart.
struct RandomRows {
    /// Values that stand beside those that come often.
    static let special: [MetadataValue] = [
        .integer(.min), .integer(.max), .integer(9_007_199_254_740_993), .integer(9_007_199_254_740_992), .integer(0), .integer(-1),
        .float(-0.0), .float(0.0), .float(.nan), .float(.infinity), .float(-.infinity), .float(0x1p63), .float(-0x1p63),
        .float(9_007_199_254_740_992), .float(1.5), .float(.leastNonzeroMagnitude), .string(""), .string("Ωmega"), .boolean(true), .boolean(false),
    ]

    static func rows(_ count: Int, _ generator: inout SeededGenerator) -> [Metadata] {
        let shuffled = (0..<count).shuffled(using: &generator)
        return (0..<count).map { row in
            var fields: [MetadataField] = []
            func add(_ key: String, _ value: MetadataValue) { fields.append(MetadataField(key: key, value: value)) }
            add("ascending", .integer(Int64(row) * 3 - 50))
            add("shuffled", .integer(Int64(shuffled[row]) - 100))
            add("unique", .string("u\(shuffled[row])"))
            add("few", .integer(Int64.random(in: -2...2, using: &generator)))
            add("run", .string("r\(row / 300)"))
            if generator.chance(0.6) { add("score", .float(Double(Int.random(in: 0..<count, using: &generator)) / 8)) }
            if generator.chance(0.5) { add("mixed", scalar(&generator)) }
            if generator.chance(0.4) { add("tags", array(&generator)) }
            if generator.chance(0.3) { add("marks", .integers((0..<4).map { _ in Int64.random(in: 0..<1 << 40, using: &generator) })) }
            if generator.chance(0.01) { add("rare", scalar(&generator)) }
            return Metadata(fields: fields)
        }
    }

    static func scalar(_ generator: inout SeededGenerator) -> MetadataValue {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .integer(Int64.random(in: -100...2_000, using: &generator))
        case 1: .float(Double(Int.random(in: -40...600, using: &generator)) / 8)
        case 2: .string("u\(Int.random(in: 0..<2_000, using: &generator))")
        case 3: .string("r\(Int.random(in: 0..<8, using: &generator))")
        default: special[Int.random(in: 0..<special.count, using: &generator)]
        }
    }

    private static func array(_ generator: inout SeededGenerator) -> MetadataValue {
        let count = Int.random(in: 0...4, using: &generator)
        return switch Int.random(in: 0..<4, using: &generator) {
        case 0: .integers((0..<count).map { _ in Int64.random(in: 0...5, using: &generator) })
        case 1: .floats((0..<count).map { _ in [0.0, -0.0, 1.5, .nan, 3][Int.random(in: 0..<5, using: &generator)] })
        case 2: .strings((0..<count).map { _ in ["", "a", "b", "Ωmega"][Int.random(in: 0..<4, using: &generator)] })
        default: .booleans((0..<count).map { _ in generator.chance(0.5) })
        }
    }

    static let keys = ["ascending", "shuffled", "unique", "few", "run", "score", "mixed", "tags", "marks", "rare", "absent"]

    static func condition(depth: Int, _ generator: inout SeededGenerator) -> MetadataCondition {
        if depth > 0, generator.chance(0.4) {
            let parts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in condition(depth: depth - 1, &generator) }
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1: return .all(parts)
            case 2, 3: return .any(parts)
            default: return .not(condition(depth: depth - 1, &generator))
            }
        }
        return .compare(key: keys[Int.random(in: 0..<keys.count, using: &generator)], comparison(&generator))
    }

    private static func comparison(_ generator: inout SeededGenerator) -> MetadataComparison {
        let operand = scalar(&generator)
        let length = generator.chance(0.1) ? 400 : Int.random(in: 0...12, using: &generator)
        let list = (0..<length).map { _ in scalar(&generator) }
        switch Int.random(in: 0..<14, using: &generator) {
        case 0: return .equal(operand)
        case 1: return .notEqual(operand)
        case 2: return .less(operand)
        case 3: return .lessOrEqual(operand)
        case 4: return .greater(operand)
        case 5: return .greaterOrEqual(operand)
        case 6: return .isIn(list)
        case 7: return .notIn(list)
        case 8: return .contains(operand)
        case 9: return .notContains(operand)
        case 10: return .exists
        case 11: return .missing
        case 12: return .text(.prefix("u1"))
        default: return .text(.substring("r"))
        }
    }
}
