import ByteCoding
import Segments
import VectorModel

/// Rows with 20 metadata keys of all kinds, from two values to one for each row, and perhaps a vector: the same from the same seed.
struct FilterRows: StoredRows {
    let rowCount: Int
    /// Numbers per vector; 0: none has one.
    let dimension: Int
    let seed: UInt64

    func insertionKey(of row: Int) throws(Corruption) -> UInt64 { UInt64(row + 1) }
    func sequence(of row: Int) throws(Corruption) -> SequenceNumber { SequenceNumber(UInt64(row + 1)) }

    func withIdentifier<R>(of row: Int, _ body: (UnsafeRawBufferPointer) -> R) throws(Corruption) -> R {
        Array(SampleRows.identifier(row).utf8).withUnsafeBytes { body($0) }
    }

    func withVector<R>(of row: Int, _ body: (UnsafeBufferPointer<Float>?) -> R) throws(Corruption) -> R {
        guard dimension > 0 else { return body(nil) }
        var chance = SplitMix64(state: seed &+ UInt64(row) &* 0x1_0000_0001)
        return (0..<dimension).map { _ in Float.random(in: -1...1, using: &chance) }.withUnsafeBufferPointer { body($0) }
    }

    func withTexts<R>(of row: Int, _ body: (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?) -> R) throws(Corruption) -> R { body(nil, nil) }

    func metadata(of row: Int) throws(Corruption) -> Metadata? { Metadata(fields: fields(row)) }

    /// Bytes of all values, each where it stands: 8 for a number, 1 for a boolean, a string's UTF-8. Keys count nothing.
    var metadataBytes: Int { (0..<rowCount).reduce(0) { sum, row in sum + fields(row).reduce(0) { $0 + Self.byteCount($1.value) } } }

    private static func byteCount(_ value: MetadataValue?) -> Int {
        switch value {
        case .string(let string): string.utf8.count
        case .strings(let strings): strings.reduce(0) { $0 + $1.utf8.count }
        case .boolean: 1
        case .integer, .float: 8
        case .integers(let values): 8 * values.count
        case .floats(let values): 8 * values.count
        case .booleans(let values): values.count
        case .sparse, nil: 0
        }
    }

    private func fields(_ row: Int) -> [MetadataField] {
        var chance = SplitMix64(state: seed ^ UInt64(row) &* 0x9e37_79b9)
        func below(_ bound: UInt64) -> UInt64 { UInt64.random(in: 0..<bound, using: &chance) }
        func string(_ name: String, of count: UInt64) -> MetadataValue { .string("\(name)\(below(count))") }
        func integer(_ count: UInt64) -> MetadataValue { .integer(Int64(below(count))) }
        let values: [(String, MetadataValue)] = [
            ("uuid", .string("doc-\(chance.next())")), ("file", .string("file\(row / 40).pdf")), ("chunk", .integer(Int64(row % 40))),
            ("created", .integer(1_700_000_000_000 + Int64(row) * 37)), ("updated", .integer(1_700_000_000_000 + Int64(below(3_000_000_000)))),
            ("score", .float(Double(below(1_000_000)) / 1_000_000)), ("price", .float(Double(below(10_000)) / 100)),
            ("lang", string("lang", of: 8)), ("category", string("category", of: 50)), ("author", string("author", of: 5_000)),
            ("country", string("country", of: 200)), ("status", string("status", of: 3)), ("publisher", string("publisher", of: 800)),
            ("year", integer(35)), ("pages", integer(1_000)), ("rating", integer(5)), ("version", integer(10)),
            ("public", .boolean(below(2) == 0)), ("rare", .boolean(below(1_000) == 0)),
            ("tags", .strings((0..<3).map { _ in "tag\(below(300))" })),
        ]
        return values.map { MetadataField(key: $0.0, value: $0.1) }
    }
}
