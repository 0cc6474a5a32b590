import ByteCoding
import Filtering
import Indexes
import Segments
import VectorModel

/// Finds the neighbours of many records of one snapshot: ordinary searches for their vectors, some hundreds at a time, planned as any query is.
///
/// Cost: one query for `k` + 1 results for each record; the filter runs once. Memory: 8 bytes for each edge, the ids of the records that occur, and
/// what the searches of one batch take.
struct NeighborExecution {
    let request: NeighborRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let configuration: IndexConfiguration
    let control: SearchControl
    let costs: SearchCosts
    let limits: Limits
    /// Called when an index or a lookup file that is on disk would be used and nobody has asked for it yet.
    let onMissing: (MissingIndex) -> Void

    /// Records that are searched for at once: enough for a scan to read each row once for many of them, and their vectors stay below 16 MiB.
    private static let batchRows = 1_024
    private static let batchNumbers = 4 << 20

    func run() throws(RequestError) -> NeighborGraph {
        let records = snapshot.reader()
        let chosen = try ChosenVectors(
            request.records, filter, of: records, limit: limits.neighborRows, control, onMissing: onMissing)
        try check(chosen.rows.count)
        var graph = NeighborGraph(identifiers: try records.identifiers(of: chosen.rows), scroll: chosen.scroll)
        var places: [RowAddress: UInt32] = [:]
        for (place, row) in chosen.rows.enumerated() { places[row] = UInt32(place) }
        let search = try search(among: candidates(chosen))
        let dimension = snapshot.dimension ?? 1
        let batchRows = max(1, min(Self.batchRows, Self.batchNumbers / dimension))
        for start in stride(from: 0, to: chosen.rows.count, by: batchRows) {
            let batch = chosen.rows[start..<min(start + batchRows, chosen.rows.count)]
            var search = search
            search.request.vectors = try records.vectors(of: batch, dimension: dimension)
            search.request.queryCount = batch.count
            for (row, found) in zip(batch, try search.nearest(records)) { try add(found, of: row, to: &graph, &places, records) }
        }
        return graph
    }

    private func check(_ rowCount: Int) throws(RequestError) {
        guard rowCount <= limits.neighborRows else {
            throw .invalid("limit", "more than \(limits.neighborRows) records are meant; ask for them in pages, or for a sample")
        }
        let results = min(request.k, snapshot.liveCount) * rowCount
        guard results <= limits.totalResultCount else {
            throw .invalid("n_results", "asks for \(results) results in all; the limit is \(limits.totalResultCount)")
        }
    }

    /// The rows that may be neighbours, one set for each part; `nil`: all.
    private func candidates(_ chosen: ChosenVectors) -> [OrdinalSet]? {
        switch request.scope {
        case .all: return nil
        case .matches: return request.records.selector.isUnrestricted ? nil : chosen.matches
        case .selected:
            var rows = snapshot.parts.map { OrdinalSet(bound: $0.rowCount) }
            for row in chosen.rows { rows[row.part].insert(row.row) }
            return rows
        }
    }

    /// A search that still needs its vectors. The records themselves are found too, hence one more.
    private func search(among rows: [OrdinalSet]?) throws(RequestError) -> QueryExecution {
        var query = QueryRequest(vectors: [], dimension: snapshot.dimension ?? 0, k: request.k + 1)
        query.overrides = request.overrides
        return QueryExecution(
            request: query, filter: try CompiledFilter(metadata: nil, document: nil), snapshot: snapshot, configuration: configuration,
            control: control, costs: costs, matches: rows, onMissing: onMissing)
    }

    /// Adds the edges of one record. It is left out itself, wherever it stands: another may be nearer, and an index may have missed it.
    private func add(
        _ found: [Candidate], of row: RowAddress, to graph: inout NeighborGraph, _ places: inout [RowAddress: UInt32], _ records: CollectionReader
    ) throws(RequestError) {
        var count = 0
        for candidate in found where count < request.k {
            let address = RowAddress(part: Int(candidate.part), row: Int(candidate.ordinal))
            guard address != row else { continue }
            if let maxDistance = request.maxDistance, candidate.distance > maxDistance { break }
            let place = places[address] ?? UInt32(graph.identifiers.count)
            if Int(place) == graph.identifiers.count {
                places[address] = place
                graph.identifiers.append(try damageAsError { () throws(Corruption) in try records.identifier(of: address) })
            }
            graph.neighbors.append(place)
            graph.distances.append(candidate.distance)
            count += 1
        }
        graph.offsets.append(graph.neighbors.count)
    }
}
