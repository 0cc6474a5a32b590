/// The row of every node of a graph's lowest layer, close together: a filtered walk asks for those of all neighbours, whose blocks it does not read.
///
/// Memory: 4 bytes per node.
final class GraphTargets: @unchecked Sendable {
    // SAFETY: unchecked because of the pointer: written in `init`, only read after. It has room for a number of each node.
    private let rows: UnsafeMutablePointer<UInt32>

    init(of layer: GraphLayer) {
        rows = .allocate(capacity: max(layer.nodeCount, 1))
        for node in 0..<UInt32(layer.nodeCount) { rows[Int(node)] = layer.values(layer.block(node)).target }
    }

    deinit { rows.deallocate() }

    @inline(__always)
    subscript(node: UInt32) -> Int { Int(rows[Int(node)]) }
}
