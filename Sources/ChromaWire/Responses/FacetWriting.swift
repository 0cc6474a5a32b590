public import Engine

extension ResponseEncoder {
    /// `{"facets": {key: {"values": [{"value", "count"}], "distinct", "missing"}}}`, keys in the order asked for.
    public func facets(_ facets: [Facet]) -> WireBytes {
        write(capacity: 256 + facets.reduce(0) { $0 + $1.values.count } * 48) { writer in
            writer.raw(#"{"facets":{"#)
            for (index, facet) in facets.enumerated() {
                if index > 0 { writer.raw(",") }
                writer.string(facet.key)
                writer.raw(#":{"values":"#)
                writer.array(facet.values) { writer, value in
                    writer.raw(#"{"value":"#)
                    writer.value(value.value)
                    writer.raw(#","count":"#)
                    writer.integer(Int64(value.count))
                    writer.raw("}")
                }
                writer.raw(#","distinct":"#)
                writer.integer(Int64(facet.distinct))
                writer.raw(#","missing":"#)
                writer.integer(Int64(facet.missing))
                writer.raw("}")
            }
            writer.raw("}}")
        }
    }
}
