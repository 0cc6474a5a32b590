import VectorModel

/// One query's way through a graph of which only some rows may be returned.
///
/// Accepted nodes are visited by their estimates as in `GraphWalk`. The others are bridges: a visit of an accepted node with few accepted neighbours
/// earns visits of bridges, those that are nearer than what the beam would visit next, so many that about as many accepted nodes come into view as
/// a node of the whole graph has neighbours. So the walk goes through a graph of the accepted rows whose links lead over one, two or more of the
/// others, without one having been built (ACORN: Patel et al., SIGMOD 2024, doi:10.1145/3654923; the share that decides is the local one, as in
/// NaviX: Sehgal & Salihoğlu 2025, arXiv:2506.23397). Where most rows are accepted no bridge is needed, and the walk passes by all others.
///
/// Accepted rows that lie together are mostly far from the query, and then hard to tell apart: the more accepted neighbours accepted
/// nodes have beyond what chance would give them, the wider the beam becomes.
///
/// Cost: about ef/√share visits, as measured with accepted rows that lie anywhere and with such that lie together.
struct FilteredWalk {
    private var probe: GraphProbe
    private let targets: GraphTargets
    private var beam: Beam
    private var bridges: BridgeHeap
    /// Visits of bridges that accepted nodes have earned and not used yet.
    private var credit: Float = 1
    private var width: BeamWidth
    private let visitsMax: Int
    private(set) var results: NearestNodes
    /// After a run: whether it was given up after `visitsMax` visits.
    private(set) var wasGivenUp = false

    /// - Parameters:
    ///   - scratch: prepared for `query`.
    ///   - ef: how many accepted nodes the beam holds at first.
    ///   - wanted: how many results are kept.
    ///   - share: how many of the nodes are accepted, above 0, at most 1.
    ///   - visitsMax: a walk that is not over by then is given up.
    init(
        _ layer: GraphLayer, _ targets: GraphTargets, from entry: UInt32, _ query: PreparedQuery, _ scratch: SearchScratch, ef: Int, wanted: Int,
        share: Float, visitsMax: Int
    ) {
        width = BeamWidth(ef: ef, nodeCount: layer.nodeCount, neighboursByChance: share * Float(layer.layout.degree))
        scratch.reserve(ef: width.limitMax, wanted: wanted)
        probe = GraphProbe(layer, query, scratch)
        self.targets = targets
        self.visitsMax = visitsMax
        beam = Beam(entries: scratch.beam, limit: ef)
        bridges = BridgeHeap(scratch)
        bridges.insert(BeamEntry(distance: 0, node: entry))
        results = NearestNodes(entries: scratch.results, limit: wanted)
    }

    /// Visits nodes until every accepted one of the beam was visited and no bridge is worth a visit; leaves the nearest in `results`.
    mutating func run<Failure: Error>(_ accepted: borrowing OrdinalSet, _ shouldContinue: () throws(Failure) -> Void) throws(Failure) {
        defer { probe.forgetVisits() }
        begin(atSomeOf: accepted)
        var patience = GraphWalk.patience
        var upcoming = takeNext()
        while let node = upcoming {
            // As in `GraphWalk`: chosen early, so that its block is there in time.
            upcoming = takeNext()
            visit(node, accepted, next: upcoming)
            if upcoming == nil { upcoming = takeNext() }
            patience -= 1
            if patience == 0 {
                try shouldContinue()
                patience = GraphWalk.patience
            }
        }
    }

    @inline(__always)
    private mutating func visit(_ node: UInt32, _ accepted: borrowing OrdinalSet, next: UInt32?) {
        let layer = probe.layer
        let block = layer.block(node)
        let distance = probe.measure(block)
        if accepted.contains(targets[node]) {
            results.offer(BeamEntry(distance: distance, node: node))
            note(acceptedNeighbours: count(of: layer.links(block), accepted))
        }
        // A bridge that is farther than all that the beam holds hardly leads to anything nearer.
        probe.forEachNeighbour(of: block, at: distance, below: beam.threshold, ahead: next.map(layer.block) ?? block) { entry in
            guard beam.admits(entry) else { return }
            if accepted.contains(targets[entry.node]) { beam.insert(entry) } else { bridges.insert(entry) }
        }
    }

    @inline(__always)
    private func count(of links: UnsafePointer<UInt32>, _ accepted: borrowing OrdinalSet) -> Int {
        var count = 0
        for link in 0..<probe.layer.layout.degree { count += accepted.contains(targets[links[link]]) ? 1 : 0 }
        return count
    }

    /// What the neighbours of a visited accepted node say about the surroundings.
    @inline(__always)
    private mutating func note(acceptedNeighbours count: Int) {
        let degree = Float(probe.layer.layout.degree)
        // Where none is accepted the bridges must not take over: an eighth counts as accepted.
        credit += max(degree / (Float(count) + degree / 8) - 1, 0)
        if let limit = width.limit(afterNodeWith: count) { beam.widen(to: limit) }
    }

    /// The node to visit next, which counts as visited from now on.
    @inline(__always)
    private mutating func takeNext() -> UInt32? {
        guard probe.visitCount < visitsMax else {
            wasGivenUp = true
            return nil
        }
        // A node may be there more than once: estimates from different neighbours differ.
        while true {
            let next = beam.nextUnvisited
            if let bridge = bridges.first, isWorthAVisit(bridge, before: next) {
                bridges.removeFirst()
                guard !probe.isVisited(bridge.node) else { continue }
                credit = max(credit - 1, 0)
                probe.begin(bridge.node)
                return bridge.node
            }
            guard let next else { return nil }
            beam.visitNext()
            guard !probe.isVisited(next.node) else { continue }
            probe.begin(next.node)
            return next.node
        }
    }

    /// Earned visits go to what is nearest. While the beam knows of too few accepted nodes, bridges need not be earned.
    @inline(__always)
    private func isWorthAVisit(_ bridge: BeamEntry, before next: BeamEntry?) -> Bool {
        if let next { credit >= 1 && bridge < next } else { beam.hasRoom || credit >= 1 && beam.admits(bridge) }
    }

    /// Puts some accepted nodes from all over the graph into the beam: accepted rows may all lie far from where the query leads to.
    private mutating func begin(atSomeOf accepted: borrowing OrdinalSet) {
        let layer = probe.layer
        var found = 0
        for attempt in 0..<UInt64(min(Self.attemptsMax, layer.nodeCount)) where found < Self.beginnings {
            let node = UInt32(truncatingIfNeeded: ((attempt &* Self.goldenRatio) >> 32) * UInt64(layer.nodeCount) >> 32)
            guard accepted.contains(targets[node]) else { continue }
            found += 1
            let entry = BeamEntry(distance: probe.measure(layer.block(node)), node: node)
            if beam.admits(entry) { beam.insert(entry) }
        }
    }

    private static let beginnings = 8
    private static let attemptsMax = 1_024
    /// 2⁶⁴ / φ: its multiples, modulo 2⁶⁴, lie evenly.
    private static let goldenRatio: UInt64 = 0x9E37_79B9_7F4A_7C15
}

/// How wide the beam of a filtered walk should be, from what the visited accepted nodes have around them.
private struct BeamWidth {
    private static let factorMax = 4
    /// Nodes between two looks at the width.
    private static let period = 8

    private let ef: Int
    /// The widest that it may become.
    let limitMax: Int
    /// How many accepted neighbours a node has where accepted rows lie anywhere.
    private let neighboursByChance: Float
    private var nodes = 0
    private var neighbours = 0

    /// - Parameter ef: at most `nodeCount`.
    init(ef: Int, nodeCount: Int, neighboursByChance: Float) {
        self.ef = ef
        self.neighboursByChance = neighboursByChance
        limitMax = min(ef * Self.factorMax, nodeCount)
    }

    /// A new width now and then, which grows with the root of how much more there are than by chance.
    @inline(__always)
    mutating func limit(afterNodeWith count: Int) -> Int? {
        nodes += 1
        neighbours += count
        guard nodes % Self.period == 0 else { return nil }
        let excess = Float(neighbours) / (Float(nodes) * neighboursByChance)
        return min(Int(Float(ef) * min(max(excess, 1).squareRoot(), Float(Self.factorMax))), limitMax)
    }
}
