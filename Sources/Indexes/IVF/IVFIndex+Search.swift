public import VectorModel
import VectorKernels

extension IVFIndex {
    /// Looks into the `effort` lists whose centres are nearest to the query, and into more as long as fewer than `wanted` accepted rows were found.
    ///
    /// A search that accepts a part of the rows looks into more lists from the start, since its answers lie farther out.
    /// Cost: a scan over 1-bit codes of the centres and of the rows in those lists.
    public func search<Failure: Error>(
        _ query: UnsafeBufferPointer<Float>, wanted: Int, effort: Int, accepted: borrowing OrdinalSet?,
        shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        precondition(query.count == dimension)
        guard rowCount > 0, wanted > 0, let values = query.baseAddress else { return [] }
        let scan = scans.take() ?? IVFScan(view, .active)
        defer { scans.give(back: scan) }
        let reading = scan.begin(values)
        var nearest = NearestSlots(capacity: min(wanted, rowCount))
        var lists = min(max(effort, 1), nlist)
        var rowsAccepted = rowCount
        if let accepted = copy accepted {
            rowsAccepted = min(accepted.count, rowCount)
            guard rowsAccepted > 0 else { return [] }
            lists = min(nlist, Int(Double(lists) * (Double(rowCount) / Double(rowsAccepted)).squareRoot()))
        }
        let enough = min(wanted, rowsAccepted)
        var start = 0
        while true {
            let order = scan.nearestLists(lists)
            for index in start..<order.count {
                scan.visit(Int(order[index]), next: Int(order[min(index + 1, order.count - 1)]), accepted, &nearest)
                if index % Self.listsPerQuestion == 0 { try shouldContinue() }
            }
            scan.finish(&nearest)
            if nearest.count >= enough || order.count >= nlist { break }
            start = order.count
            lists = min(nlist, 4 * lists)
        }
        return nearest.sorted().map { neighbor in
            ApproximateNeighbor(ordinal: view.ordinals[Int(neighbor.slot)], distance: reading.distance(neighbor.squaredDistance))
        }
    }

    private static let listsPerQuestion = 8
}
