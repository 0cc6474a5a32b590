import Filtering
import Indexes
import Segments
import VectorModel

/// Computes the distances between records of one snapshot, in double precision.
///
/// Cost: O(rows × columns × dimension), whatever indexes there are. Memory: 4 bytes for each distance, the ids, and the vectors of a block of
/// columns.
struct DistanceExecution {
    let request: DistanceRequest
    let filter: CompiledFilter
    let snapshot: CollectionSnapshot
    let metric: Metric
    let control: SearchControl
    let limits: Limits
    /// Called when a lookup file that is on disk would be used and nobody has asked for it yet.
    let onMissing: (MissingIndex) -> Void

    /// Numbers of the columns' vectors that are in memory at once, 4 MiB: they stay in a processor's cache while all rows are compared with them.
    private static let blockNumbers = 1 << 20

    func run() throws(RequestError) -> DistanceMatrix {
        let records = snapshot.reader()
        let others = try others(records)
        let limit = if let others { limits.matrixDistances / max(1, others.count) } else { Int(Double(limits.matrixDistances).squareRoot()) }
        let chosen = try ChosenVectors(request.records, filter, of: records, limit: limit, control, onMissing: onMissing)
        guard chosen.rows.count <= limit else {
            throw .invalid("limit", "more than \(limit) records are meant; a matrix may have \(limits.matrixDistances) distances")
        }
        return DistanceMatrix(
            rows: try records.identifiers(of: chosen.rows),
            columns: try others.map { (others) throws(RequestError) in try records.identifiers(of: others) },
            distances: try distances(from: chosen.rows, to: others ?? chosen.rows, records), scroll: chosen.scroll)
    }

    /// The rows of the matrix's columns, where they are others than its rows.
    private func others(_ records: CollectionReader) throws(RequestError) -> [RowAddress]? {
        guard let identifiers = request.others else { return nil }
        guard identifiers.count <= limits.matrixDistances else {
            throw .invalid("other_ids", "has \(identifiers.count) ids; the limit is \(limits.matrixDistances)")
        }
        return try ChosenVectors(
            GetRequest(selector: RecordSelector(identifiers: identifiers)), CompiledFilter(metadata: nil, document: nil), of: records,
            limit: identifiers.count, field: "other_ids", control, onMissing: onMissing
        ).rows
    }

    private func distances(from rows: [RowAddress], to columns: [RowAddress], _ records: CollectionReader) throws(RequestError) -> [Float] {
        var distances = [Float](repeating: 0, count: rows.count * columns.count)
        let dimension = snapshot.dimension ?? 1
        let blockColumns = max(1, Self.blockNumbers / dimension)
        for start in stride(from: 0, to: columns.count, by: blockColumns) {
            let block = try records.vectors(of: columns[start..<min(start + blockColumns, columns.count)], dimension: dimension)
            for (number, row) in rows.indices.enumerated() {
                try control.check()
                let vector = try records.vectors(of: rows[row...row], dimension: dimension)
                measure(vector, block, into: &distances, at: number * columns.count + start)
            }
        }
        return distances
    }

    /// Writes the distances from one vector to those of a block.
    private func measure(_ vector: [Float], _ block: [Float], into distances: inout [Float], at place: Int) {
        vector.withUnsafeBufferPointer { vector in
            let search = FlatSearch(query: vector, metric: metric, usesCodes: false)
            block.withUnsafeBufferPointer { block in
                for column in 0..<block.count / vector.count {
                    let other = UnsafeBufferPointer(rebasing: block[column * vector.count..<(column + 1) * vector.count])
                    distances[place + column] = search.exactDistance(to: other)
                }
            }
        }
    }
}
