import Synchronization
public import VectorModel

/// A hierarchical graph over the rows of one part: every node's block holds its own vector in 8 bits, its links, and one bit per dimension of every
/// neighbour, so that a visit reads one piece of memory and scores all neighbours at once.
///
/// The layers are those of HNSW (Malkov & Yashunin, doi:10.1109/TPAMI.2018.2889473), the links those of Vamana (Jayaram Subramanya et al.,
/// NeurIPS 2019), the blocks those of SymphonyQG (Gou, Gao, Xu & Long, SIGMOD 2025, arXiv:2411.12229), the bits RaBitQ's (Gao & Long, SIGMOD 2024, doi:10.1145/3654970).
///
/// Memory: about dimension · (1 + degree/8) + 12 · degree bytes per row. Searches share nothing but scratch memory, which is kept for the next one.
public struct HNSWIndex: VectorIndex {
    public static let kind = IndexKind.hnsw
    /// A node's own codes have 8 bits, whose errors seldom move a row by more than a place or two.
    public static func proposalCount(k: Int) -> Int { k + 1 + k / 10 }

    public let image: IndexImage
    public let parameters: HNSWParameters
    public var seed: UInt64 { header.seed }
    let header: HNSWHeader
    let space: IndexSpace
    private let scratches: ScratchPool

    public var rowCount: Int { header.layers[0].nodeCount }
    public var dimension: Int { header.dimension }
    public var metric: Metric { header.geometry.metric }
    public var byteCount: Int { image.bytes.count }

    /// Uses an image that was built before, after looking at every number in it that a search goes by. Cost: one reading of the image.
    /// - Parameter ordinalBound: every row must be below it.
    public init(_ image: IndexImage, ordinalBound: Int) throws(IndexImageDamage) {
        let header = try HNSWHeader(image.bytes)
        let layout = header.layout
        for (number, layer) in header.layers.enumerated() {
            let bound = number == 0 ? ordinalBound : header.layers[number - 1].nodeCount
            try GraphLayer(layer, of: image.bytes, layout).check(targetBound: bound, offset: layer.offset)
        }
        self.init(trusting: image, header)
    }

    init(trusting image: IndexImage, _ header: HNSWHeader) {
        self.image = image
        self.header = header
        parameters = header.parameters
        space = IndexSpace(geometry: header.geometry, dimension: header.dimension, seed: header.seed)
        scratches = ScratchPool(
            nodeCount: header.layers[0].nodeCount, dimension: header.dimension, rotatedDimension: header.layout.dimension, degree: header.layout.degree)
    }

    /// The beam of the upper layers, where only a good place to begin is looked for.
    private static let upperEf = 4

    func layer(_ number: Int) -> GraphLayer { GraphLayer(header.layers[number], of: image.bytes, header.layout) }

    public func search<Failure: Error>(
        _ query: UnsafeBufferPointer<Float>, wanted: Int, effort: Int, accepted: borrowing OrdinalSet?, shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        precondition(query.count == dimension && wanted >= 0)
        let acceptable = acceptableCount(accepted)
        let wanted = min(wanted, acceptable)
        var ef = beamSize(max(effort, wanted + wanted / 2), acceptable)
        guard ef > 0, wanted > 0 else { return [] }
        let scratch = scratches.take()
        defer { scratches.putBack(scratch) }
        let prepared = scratch.prepare(query, in: space)
        var entry = header.layers[header.layers.count - 1].entry
        for number in header.layers.indices.dropFirst().reversed() {
            entry = try descend(layer(number), from: entry, prepared, scratch, shouldContinue)
        }
        let lowest = layer(0)
        while true {
            var walk = GraphWalk(lowest, from: entry, prepared, scratch, ef: ef, wanted: wanted)
            try walk.run(accepted, shouldContinue)
            let isLast = walk.isComplete ? entry == lowest.entry : !isWorthMore(ef, accepted)
            if walk.results.count >= wanted || isLast {
                return (0..<walk.results.count).map { place in
                    let result = walk.results[place]
                    return ApproximateNeighbor(
                        ordinal: lowest.values(lowest.block(result.node)).target, distance: prepared.reading.distance(result.distance))
                }
            }
            if walk.isComplete {
                // Only from the layer's entry all nodes can be reached: many copies of a row may have links to one another only.
                entry = lowest.entry
            } else {
                // Nodes that took several places of the beam, with different estimates, have kept others out.
                ef *= 2
            }
        }
    }

    /// How many rows may be returned, at most.
    private func acceptableCount(_ accepted: borrowing OrdinalSet?) -> Int {
        switch accepted {
        case .none: rowCount
        case .some(let accepted): min(accepted.count, rowCount)
        }
    }

    /// Whether a walk that has found too little is followed by one of twice the effort. With a filter it is not, unless all nodes were meant to be
    /// visited, and then not for long: accepted rows may be far from the query or have no vector, and a scan of them is faster than a walk to them.
    private func isWorthMore(_ ef: Int, _ accepted: borrowing OrdinalSet?) -> Bool {
        switch accepted {
        case .none: true
        case .some: (rowCount..<4 * rowCount).contains(ef)
        }
    }

    /// So many nodes that about `effort` of them are accepted, where accepted rows are as near as others. None where no row is accepted.
    ///
    /// The fewer are accepted, the larger the beam, and the more of its places are taken by nodes that have one already: up to half of them.
    private func beamSize(_ effort: Int, _ acceptable: Int) -> Int {
        guard acceptable > 0 else { return 0 }
        let share = Double(acceptable) / Double(rowCount)
        let places = Double(effort) / share * (2 - share)
        return places < Double(rowCount) ? Int(places) : rowCount
    }

    /// The node of the layer below that a narrow search of an upper layer finds.
    private func descend<Failure: Error>(
        _ layer: GraphLayer, from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, _ shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> UInt32 {
        var walk = GraphWalk(layer, from: entry, query, scratch, ef: Self.upperEf, wanted: 1)
        try walk.run(nil, shouldContinue)
        return layer.values(layer.block(walk.results[0].node)).target
    }
}
