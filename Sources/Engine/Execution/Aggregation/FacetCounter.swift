import ByteCoding
import ColumnStore
import Filtering
import Segments
import VectorModel

/// Counts the values of one key over the parts of a collection.
///
/// Cost: one pass over the rows selected; each different value is read once for each part.
struct FacetCounter {
    let key: String
    private var counts: [ValueIdentity: Int] = [:]
    private var missing = 0

    /// A scalar as an entry of one part holds it.
    private struct Stored: Hashable {
        let kind: MetadataKind
        let bits: UInt64
    }

    init(_ key: String) {
        self.key = key
    }

    /// Counts some rows of one part.
    mutating func count(_ rows: OrdinalSet, of reader: RowReader) throws(RequestError) {
        var stored: [Stored: Int] = [:]
        var (present, isTooMany) = (0, false)
        var visited = rows
        try damageAsError { () throws(Corruption) in
            try reader.keep(in: &visited, key: key, keepsMissing: true) { entry in
                // A sparse vector is no value that could be counted.
                guard entry.kind != .sparse else { return true }
                present += 1
                guard !isTooMany else { return true }
                if entry.kind.isArray {
                    for bits in Set(entry.elements) { stored[Stored(kind: entry.kind.elementKind, bits: bits), default: 0] += 1 }
                } else {
                    stored[Stored(kind: entry.kind, bits: entry.bits), default: 0] += 1
                }
                isTooMany = stored.count > FacetRequest.valuesMax
                return true
            }
        }
        missing += rows.count - present
        for (value, count) in stored {
            let value = try damageAsError { () throws(Corruption) in try Self.value(value, reader) }
            counts[ValueIdentity(value), default: 0] += count
        }
        guard !isTooMany, counts.count <= FacetRequest.valuesMax else {
            throw .invalid("keys", "[\(key)] has more than \(FacetRequest.valuesMax) different values")
        }
    }

    private static func value(_ stored: Stored, _ reader: RowReader) throws(Corruption) -> MetadataValue {
        switch stored.kind {
        case .integer, .integers: .integer(Int64(bitPattern: stored.bits))
        case .float, .floats: .float(Double(bitPattern: stored.bits))
        case .boolean, .booleans: .boolean(stored.bits != 0)
        case .string, .strings, .sparse: .string(String(decoding: try reader.metadataString(UInt32(truncatingIfNeeded: stored.bits)), as: UTF8.self))
        }
    }

    /// The most frequent values.
    func facet(limit: Int) -> Facet {
        let ordered = counts.compactMap { identity, count in identity.value.map { Facet.Value($0, count: count) } }.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            return MetadataOrder.compare(left.value, right.value) == .ascending
        }
        return Facet(key: key, values: Array(ordered.prefix(limit)), distinct: counts.count, missing: missing)
    }
}
