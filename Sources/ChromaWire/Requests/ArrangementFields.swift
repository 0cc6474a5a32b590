import Engine

/// In which order a `get` returns records: fields of this server, which clients may leave out.
extension RequestDecoder {
    /// `order_by`, `cursor` or `sample`; at most one of them.
    func arrangement(_ fields: JSONFields) throws(WireError) -> RecordArrangement {
        let (orders, cursor, sample) = (try fields.optional("order_by"), try fields.optionalString("cursor"), try fields.object("sample"))
        let given = [orders != nil, cursor != nil, sample != nil].count { $0 }
        guard given <= 1 else { throw refusal("only one of order_by, cursor and sample can be given") }
        if let orders { return .ordered(try self.orders(orders, fields)) }
        if let cursor { return .scroll(after: try self.cursor(cursor)) }
        if let sample {
            guard let size = try sample.size("size") else { throw .type(sample.place, "missing field `size`", dialect) }
            return .sample(size: size, seed: try seed(sample))
        }
        return .usual
    }

    /// The empty cursor is the beginning.
    private func cursor(_ text: String) throws(WireError) -> ScrollCursor? {
        guard !text.isEmpty else { return nil }
        guard let cursor = ScrollCursor(text) else { throw refusal("cursor: is none that an answer gave as next_cursor") }
        return cursor
    }

    private func orders(_ value: JSONValue, _ fields: JSONFields) throws(WireError) -> [RecordOrder] {
        try fields.requireArray(value, "order_by")
        var orders: [RecordOrder] = []
        try value.forEachElement { (index: Int, element: JSONValue) throws(WireError) in
            guard index < RecordOrder.countMax else { throw refusal("order_by: may have at most \(RecordOrder.countMax) keys") }
            let order = try JSONFields(element, at: fields.place.field("order_by").element(index), expected: "a map", dialect)
            let direction = try order.optionalString("direction") ?? "asc"
            guard direction == "asc" || direction == "desc" else { throw refusal("order_by[\(index)].direction: must be asc or desc") }
            orders.append(RecordOrder(key: try order.requiredString("key"), isDescending: direction == "desc"))
        }
        return orders
    }

    /// Without a seed every request takes another sample.
    private func seed(_ sample: JSONFields) throws(WireError) -> UInt64 {
        guard let value = try sample.optional("seed") else { return .random(in: 0 ... .max) }
        guard let seed = value.integer else { throw .type(sample.place.field("seed"), "invalid type: \(value.summary), expected i64", dialect) }
        return UInt64(bitPattern: seed)
    }

    private func refusal(_ problem: String) -> WireError {
        .rule("Validation error: \(problem)", version1: problem, dialect)
    }
}
