import ByteCoding
import Filtering
import Segments
import VectorModel

/// Rows in the order of some of their metadata, as many of the first as are wanted.
///
/// Cost: O(rows · log rows) in all; memory for twice the rows wanted.
struct RecordOrdering {
    private let orders: [RecordOrder]
    private let limit: Int
    private var rows: [Row] = []
    /// The readers of the orders' keys in the part that is being read.
    private var keys: (part: Int, readers: [MetadataKeyReader])?

    private struct Row {
        let address: RowAddress
        let insertionKey: UInt64
        let values: [MetadataValue?]
    }

    init(_ orders: [RecordOrder], limit: Int) {
        self.orders = orders
        self.limit = limit
    }

    mutating func offer(_ address: RowAddress, _ reader: RowReader) throws(Corruption) {
        guard limit > 0 else { return }
        if keys?.part != address.part {
            var readers: [MetadataKeyReader] = []
            for order in orders { readers.append(try MetadataKeyReader(order.key, of: reader)) }
            keys = (address.part, readers)
        }
        var values: [MetadataValue?] = []
        values.reserveCapacity(orders.count)
        for (order, key) in zip(orders, keys?.readers ?? []) {
            values.append(
                order.key == MetadataCondition.identifierKey
                    ? .string(try reader.withIdentifier(of: address.row) { String(decoding: $0, as: UTF8.self) })
                    : try key.value(of: address.row))
        }
        rows.append(Row(address: address, insertionKey: try reader.insertionKey(of: address.row), values: values))
        if limit < .max / 2, rows.count >= max(2 * limit, 1_024) { cut() }
    }

    /// The first rows, in order.
    mutating func ordered() -> [RowAddress] {
        cut()
        return rows.map(\.address)
    }

    private mutating func cut() {
        rows.sort { [orders] in Self.precedes($0, $1, by: orders) }
        if rows.count > limit { rows.removeLast(rows.count - limit) }
    }

    private static func precedes(_ left: Row, _ right: Row, by orders: [RecordOrder]) -> Bool {
        for (index, order) in orders.enumerated() {
            let (first, second) = (left.values[index]?.scalar, right.values[index]?.scalar)
            // Whatever the direction, a record without a value comes last.
            guard let first else {
                if second != nil { return false }
                continue
            }
            guard let second else { return true }
            switch MetadataOrder.compare(first, second) {
            case .ascending: return !order.isDescending
            case .descending: return order.isDescending
            case .same: continue
            }
        }
        return left.insertionKey < right.insertionKey
    }
}
