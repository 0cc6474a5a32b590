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
    private let targets: GraphTargets
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
        targets = GraphTargets(of: GraphLayer(header.layers[0], of: image.bytes, header.layout))
        scratches = ScratchPool(
            nodeCount: header.layers[0].nodeCount, dimension: header.dimension, rotatedDimension: header.layout.dimension, degree: header.layout.degree)
    }

    /// The beam of the upper layers, where only a good place to begin is looked for.
    private static let upperEf = 2

    func layer(_ number: Int) -> GraphLayer { GraphLayer(header.layers[number], of: image.bytes, header.layout) }

    public func search<Failure: Error>(
        _ query: UnsafeBufferPointer<Float>, wanted: Int, effort: Int, accepted: borrowing OrdinalSet?, shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        precondition(query.count == dimension && wanted >= 0)
        guard rowCount > 0, wanted > 0 else { return [] }
        let scratch = scratches.take()
        defer { scratches.putBack(scratch) }
        let prepared = scratch.prepare(query, in: space)
        var entry = header.layers[header.layers.count - 1].entry
        for number in header.layers.indices.dropFirst().reversed() {
            entry = try descend(layer(number), from: entry, prepared, scratch, shouldContinue)
        }
        switch accepted {
        case .none: return try walk(from: entry, prepared, scratch, wanted: min(wanted, rowCount), effort: effort, shouldContinue)
        case .some(let accepted):
            return try filteredWalk(from: entry, prepared, scratch, wanted: wanted, effort: effort, accepted, shouldContinue)
        }
    }

    private func walk<Failure: Error>(
        from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, wanted: Int, effort: Int, _ shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        let lowest = layer(0)
        var entry = entry
        var ef = min(max(effort, wanted + wanted / 2), rowCount)
        while true {
            var walk = GraphWalk(lowest, from: entry, query, scratch, ef: ef, wanted: wanted)
            try walk.run(shouldContinue)
            if walk.results.count >= wanted || walk.isComplete && entry == lowest.entry { return neighbors(walk.results, query) }
            if walk.isComplete {
                // Only from the layer's entry all nodes can be reached: many copies of a row may have links to one another only.
                entry = lowest.entry
            } else {
                // Nodes that took several places of the beam, with different estimates, have kept others out.
                ef *= 2
            }
        }
    }

    private func filteredWalk<Failure: Error>(
        from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, wanted: Int, effort: Int, _ accepted: borrowing OrdinalSet,
        _ shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> [ApproximateNeighbor] {
        let acceptable = min(accepted.count, rowCount)
        let wanted = min(wanted, acceptable)
        guard wanted > 0 else { return [] }
        let ef = max(effort, wanted + wanted / 2)
        let share = Double(acceptable) / Double(rowCount)
        let visitsMax = max(Self.visitsPerEffortMax * Double(ef), Self.visitsPerAcceptedMax * Double(acceptable))
        guard acceptable >= ef, Self.expectedVisits(efSearch: ef, acceptedShare: share) <= visitsMax else { return [] }
        var walk = FilteredWalk(
            layer(0), targets, from: entry, query, scratch, ef: ef, wanted: wanted, share: Float(share),
            visitsMax: Int(min(visitsMax, Double(rowCount + 1))))
        try walk.run(accepted, shouldContinue)
        return walk.wasGivenUp ? [] : neighbors(walk.results, query)
    }

    /// How many nodes a search visits about, measured: the root comes from links that lead over two or three nodes where few are accepted.
    /// - Parameter acceptedShare: the part of the rows that may be returned, above 0, at most 1.
    public static func expectedVisits(efSearch: Int, acceptedShare: Double) -> Double { Double(efSearch) / acceptedShare.squareRoot() }

    /// Beyond so many visits a scan of the accepted rows is faster than a walk to them, and the search returns nothing.
    private static let visitsPerAcceptedMax = 0.15
    private static let visitsPerEffortMax = 8.0

    private func neighbors(_ results: NearestNodes, _ query: PreparedQuery) -> [ApproximateNeighbor] {
        (0..<results.count).map { place in
            let result = results[place]
            return ApproximateNeighbor(ordinal: UInt32(targets[result.node]), distance: query.reading.distance(result.distance))
        }
    }

    /// The node of the layer below that a narrow search of an upper layer finds.
    private func descend<Failure: Error>(
        _ layer: GraphLayer, from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, _ shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) -> UInt32 {
        var walk = GraphWalk(layer, from: entry, query, scratch, ef: Self.upperEf, wanted: 1)
        try walk.run(shouldContinue)
        return layer.values(layer.block(walk.results[0].node)).target
    }
}
