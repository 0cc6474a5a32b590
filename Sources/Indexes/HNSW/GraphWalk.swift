import VectorKernels
import VectorModel

/// One query's way through a graph: always on to the unvisited node that is nearest by estimate, until the beam holds visited nodes only.
///
/// A visit measures the node itself by its 8-bit codes and estimates all its neighbours by their bits, in one reading of one block. While it does, the
/// next block is on its way from memory.
struct GraphWalk {
    /// Visits between two questions whether to go on.
    private static let patience = 64

    private let layer: GraphLayer
    private let scratch: SearchScratch
    private let query: PreparedQuery
    private let kernels = VectorKernels.active
    private let visited: UnsafeMutablePointer<UInt64>
    private var visitCount = 0
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
        self.layer = layer
        self.scratch = scratch
        self.query = query
        visited = scratch.visited
        beam = Beam(entries: scratch.beam, limit: ef, entry: entry)
        results = NearestNodes(entries: scratch.results, limit: wanted)
    }

    /// Visits nodes until none is left in the beam; leaves the nearest of the accepted ones in `results`.
    mutating func run<Failure: Error>(
        _ accepted: borrowing OrdinalSet?, _ shouldContinue: () throws(Failure) -> Void
    ) throws(Failure) {
        defer { forgetVisits() }
        var patience = Self.patience
        var upcoming = takeNext()
        while let node = upcoming {
            // Chosen before this visit, so that memory has the time of a whole visit to bring it. Now and then a nearer one turns up meanwhile.
            upcoming = takeNext()
            let block = layer.block(node)
            let distance = measure(block)
            if accepts(accepted, block) { results.offer(BeamEntry(distance: distance, node: node)) }
            estimateNeighbours(block, distance, ahead: upcoming.map(layer.block) ?? block)
            if upcoming == nil { upcoming = takeNext() }
            patience -= 1
            if patience == 0 {
                try shouldContinue()
                patience = Self.patience
            }
        }
    }

    @inline(__always)
    private func accepts(_ accepted: borrowing OrdinalSet?, _ block: UnsafeRawPointer) -> Bool {
        switch accepted {
        case .none: true
        case .some(let accepted): accepted.contains(Int(layer.values(block).target))
        }
    }

    /// The nearest unvisited node of the beam, which counts as visited from now on, and what it begins with is asked for.
    @inline(__always)
    private mutating func takeNext() -> UInt32? {
        // A node may be in the beam more than once: estimates from different neighbours differ.
        while let node = beam.take() {
            guard !isVisited(node) else { continue }
            prefetch(layer.block(node), bytes: layer.layout.groupsOffset)
            visited[Int(node >> 6)] |= 1 << UInt64(node & 63)
            if visitCount == scratch.visitCapacity { scratch.growVisits() }
            scratch.visits[visitCount] = node
            visitCount += 1
            return node
        }
        return nil
    }

    @inline(__always)
    private func isVisited(_ node: UInt32) -> Bool { visited[Int(node >> 6)] & (1 << UInt64(node & 63)) != 0 }

    private func forgetVisits() {
        for visit in 0..<visitCount { visited[Int(scratch.visits[visit] >> 6)] = 0 }
    }

    /// The squared distance to a node by its codes.
    @inline(__always)
    private func measure(_ block: UnsafeRawPointer) -> Float {
        let product = kernels.codeInnerProduct(
            query: scratch.codes, offset: query.codeOffset, row: layer.codes(block), stride: layer.layout.dimension)
        let values = layer.values(block)
        return max(query.squaredNorm + values.squaredNorm - 2 * query.scale * values.scale * Float(product), 0)
    }

    /// Estimates all neighbours of a node at `distance` and puts those into the beam that belong there.
    @inline(__always)
    private mutating func estimateNeighbours(_ block: UnsafeRawPointer, _ distance: Float, ahead: UnsafeRawPointer) {
        let layout = layer.layout
        let how = FastScanEstimate(step: query.step, shift: query.shift, threshold: beam.threshold - distance)
        kernels.fastScanSelect(
            codes: layer.groups(block), stride: layout.groupBytes, blocks: layout.groups, table: scratch.table, chunks: layout.chunks, how,
            ahead: layer.groups(ahead), estimates: scratch.estimates, masks: scratch.masks)
        let links = layer.links(block)
        for group in 0..<layout.groups {
            var mask = scratch.masks[group]
            while mask != 0 {
                let link = group * GraphLayout.linksPerGroup + mask.trailingZeroBitCount
                mask &= mask &- 1
                let node = links[link]
                let entry = BeamEntry(distance: scratch.estimates[link] + distance, node: node)
                guard beam.admits(entry), !isVisited(node) else { continue }
                beam.insert(entry)
            }
        }
    }
}
