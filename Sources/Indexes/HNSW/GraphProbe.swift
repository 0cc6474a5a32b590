import VectorKernels
import VectorModel

/// What all walks through a layer have in common: which nodes they have visited, and what one visit computes.
///
/// A visit measures the node itself by its 8-bit codes and estimates all its neighbours by their bits, in one reading of one block.
struct GraphProbe {
    let layer: GraphLayer
    let scratch: SearchScratch
    private let query: PreparedQuery
    private let kernels = VectorKernels.active
    private let visited: UnsafeMutablePointer<UInt64>
    private(set) var visitCount = 0

    /// - Parameter scratch: prepared for `query`.
    init(_ layer: GraphLayer, _ query: PreparedQuery, _ scratch: SearchScratch) {
        self.layer = layer
        self.scratch = scratch
        self.query = query
        visited = scratch.visited
    }

    @inline(__always)
    func isVisited(_ node: UInt32) -> Bool { visited[Int(node >> 6)] & (1 << UInt64(node & 63)) != 0 }

    /// Counts a node as visited from now on, and asks for what its block begins with.
    @inline(__always)
    mutating func begin(_ node: UInt32) {
        prefetch(layer.block(node), bytes: layer.layout.groupsOffset)
        visited[Int(node >> 6)] |= 1 << UInt64(node & 63)
        if visitCount == scratch.visitCapacity { scratch.growVisits() }
        scratch.visits[visitCount] = node
        visitCount += 1
    }

    /// Leaves the marks as the next walk needs them.
    func forgetVisits() {
        for visit in 0..<visitCount { visited[Int(scratch.visits[visit] >> 6)] = 0 }
    }

    /// The squared distance to a node by its codes.
    @inline(__always)
    func measure(_ block: UnsafeRawPointer) -> Float {
        let product = kernels.codeInnerProduct(
            query: scratch.codes, offset: query.codeOffset, row: layer.codes(block), stride: layer.layout.dimension)
        let values = layer.values(block)
        return max(query.squaredNorm + values.squaredNorm - 2 * query.scale * values.scale * Float(product), 0)
    }

    /// Estimates all neighbours of a node at `distance`, and calls `body` with those below `threshold` that were not visited.
    ///
    /// - Parameter ahead: the block that is visited next; it is on its way from memory meanwhile.
    @inline(__always)
    func forEachNeighbour(
        of block: UnsafeRawPointer, at distance: Float, below threshold: Float, ahead: UnsafeRawPointer, _ body: (BeamEntry) -> Void
    ) {
        let layout = layer.layout
        let how = FastScanEstimate(step: query.step, shift: query.shift, threshold: threshold - distance)
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
                guard !isVisited(node) else { continue }
                body(BeamEntry(distance: scratch.estimates[link] + distance, node: node))
            }
        }
    }
}
