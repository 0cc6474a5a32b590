import VectorModel

/// One query's way through a graph: always on to the unvisited node that is nearest by estimate, until the beam holds visited nodes only.
///
/// While a node is visited, the block of the next one is on its way from memory.
struct GraphWalk {
    /// Visits between two questions whether to go on.
    static let patience = 64

    private var probe: GraphProbe
    private var beam: Beam
    private(set) var results: NearestNodes
    /// After a run: whether it visited every node that can be reached.
    var isComplete: Bool { beam.hasRoom }

    /// - Parameters:
    ///   - scratch: prepared for `query`.
    ///   - ef: how many nodes the beam holds.
    ///   - wanted: how many results are kept.
    init(_ layer: GraphLayer, from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, ef: Int, wanted: Int) {
        scratch.reserve(ef: ef, wanted: wanted)
        probe = GraphProbe(layer, query, scratch)
        beam = Beam(entries: scratch.beam, limit: ef)
        beam.insert(BeamEntry(distance: 0, node: entry))
        results = NearestNodes(entries: scratch.results, limit: wanted)
    }

    /// Visits nodes until none is left in the beam; leaves the nearest of them in `results`.
    mutating func run<Failure: Error>(_ shouldContinue: () throws(Failure) -> Void) throws(Failure) {
        defer { probe.forgetVisits() }
        var patience = Self.patience
        var upcoming = takeNext()
        while let node = upcoming {
            // Chosen before this visit, so that memory has the time of a whole visit to bring it. Now and then a nearer one turns up meanwhile.
            upcoming = takeNext()
            let block = probe.layer.block(node)
            let distance = probe.measure(block)
            results.offer(BeamEntry(distance: distance, node: node))
            probe.forEachNeighbour(of: block, at: distance, below: beam.threshold, ahead: upcoming.map(probe.layer.block) ?? block) { entry in
                if beam.admits(entry) { beam.insert(entry) }
            }
            if upcoming == nil { upcoming = takeNext() }
            patience -= 1
            if patience == 0 {
                try shouldContinue()
                patience = Self.patience
            }
        }
    }

    /// The nearest unvisited node of the beam, which counts as visited from now on.
    @inline(__always)
    private mutating func takeNext() -> UInt32? {
        // A node may be in the beam more than once: estimates from different neighbours differ.
        while let node = beam.take() {
            guard !probe.isVisited(node) else { continue }
            probe.begin(node)
            return node
        }
        return nil
    }
}
