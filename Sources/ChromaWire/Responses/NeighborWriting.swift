public import Engine

extension ResponseEncoder {
    /// `{"ids", "neighbors", "distances"}`: a list of neighbours and one of distances for each record that was asked about; neighbours are places in
    /// `ids`, which has the records that were asked about first.
    public func neighbors(_ graph: NeighborGraph) -> WireBytes {
        write(capacity: 256 + graph.identifiers.count * 24 + graph.neighbors.count * 20) { writer in
            writer.raw(#"{"ids":"#)
            writer.array(graph.identifiers) { writer, identifier in writer.string(identifier) }
            writer.raw(#","neighbors":"#)
            writer.array(0..<graph.rowCount) { writer, row in
                writer.array(graph.neighbors[graph.edges(of: row)]) { writer, neighbor in writer.integer(neighbor) }
            }
            writer.raw(#","distances":"#)
            writer.array(0..<graph.rowCount) { writer, row in
                writer.array(graph.distances[graph.edges(of: row)]) { writer, distance in writer.float(distance) }
            }
            writer.scroll(graph.scroll)
            writer.raw("}")
        }
    }

    /// `{"ids", "other_ids", "distances"}`: a list for each of `ids`; without `other_ids` where the columns are the same records.
    public func distances(_ matrix: DistanceMatrix) -> WireBytes {
        write(capacity: 256 + matrix.rows.count * 24 + matrix.distances.count * 12) { writer in
            writer.raw(#"{"ids":"#)
            writer.array(matrix.rows) { writer, identifier in writer.string(identifier) }
            if let columns = matrix.columns {
                writer.raw(#","other_ids":"#)
                writer.array(columns) { writer, identifier in writer.string(identifier) }
            }
            writer.raw(#","distances":"#)
            writer.array(matrix.rows.indices) { writer, row in
                writer.array(matrix.distances(of: row)) { writer, distance in writer.float(distance) }
            }
            writer.scroll(matrix.scroll)
            writer.raw("}")
        }
    }
}

extension JSONWriter {
    /// How a scroll goes on, as a further field; nothing for what is no page of one.
    mutating func scroll(_ page: ScrollPage?) {
        guard let page else { return }
        raw(#","next_cursor":"#)
        if let next = page.next { string(next.text) } else { null() }
    }
}
