import Quantization
import VectorKernels

/// Writes a finished layer to its place in an image, its nodes in an order in which neighbours lie near one another.
struct GraphLayerWriter {
    let rows: GraphRows
    let links: GraphLinks
    let layout: GraphLayout
    /// The old number of each node, by its new one.
    let order: [UInt32]
    /// The new number of each node, by its old one.
    let numbers: [UInt32]

    /// Numbers the nodes as a walk in breadth from `entry` meets them, so that `entry` becomes node 0.
    init(rows: GraphRows, links: GraphLinks, layout: GraphLayout, entry: UInt32) {
        self.rows = rows
        self.links = links
        self.layout = layout
        var order: [UInt32] = []
        order.reserveCapacity(links.count)
        var numbers = [UInt32](repeating: .max, count: links.count)
        func meet(_ node: UInt32) {
            guard numbers[Int(node)] == .max else { return }
            numbers[Int(node)] = UInt32(order.count)
            order.append(node)
        }
        if links.count > 0 { meet(entry) }
        var next = 0
        while next < order.count {
            for other in links[Int(order[next])] { meet(other) }
            next += 1
        }
        // Should any be left, they are not lost.
        for node in 0..<UInt32(links.count) { meet(node) }
        self.order = order
        self.numbers = numbers
    }

    /// Writes all blocks from `base` on.
    /// - Parameter target: what a node stands for, by its old number.
    func write(to base: UnsafeMutableRawPointer, threads: Int, target: @escaping @Sendable (UInt32) -> UInt32) {
        // SAFETY: every block is written by one thread, and `base` outlives the loop.
        nonisolated(unsafe) let base = base
        let scratch = (0..<threads).map { _ in Scratch(dimension: layout.dimension) }
        parallelLoop(order.count, threads: threads) { [self] node, thread in
            let old = order[node]
            write(old, to: base + node * layout.stride, scratch[thread], target: target(old))
        }
    }

    private func write(_ node: UInt32, to block: UnsafeMutableRawPointer, _ scratch: Scratch, target: UInt32) {
        let own = links[Int(node)]
        rows.decode(Int(node), into: scratch.centre)
        let ownExtra = rows.values[Int(node)].extra
        let linkNumbers = (block + layout.linksOffset).assumingMemoryBound(to: UInt32.self)
        for link in 0..<layout.degree {
            let group = block + layout.groupsOffset + link / GraphLayout.linksPerGroup * layout.groupBytes
            let place = link % GraphLayout.linksPerGroup
            let factors = (group + layout.chunks * FastScan.chunkBytes).assumingMemoryBound(to: Float.self)
            let offsets = factors + GraphLayout.linksPerGroup
            guard link < own.count else {
                // A link to the node itself that is infinitely far: never followed.
                linkNumbers[link] = numbers[Int(node)]
                (factors[place], offsets[place]) = (0, .infinity)
                continue
            }
            let neighbour = Int(own[link])
            linkNumbers[link] = numbers[neighbour]
            rows.decode(neighbour, into: scratch.residual)
            for index in 0..<layout.dimension { scratch.residual[index] -= scratch.centre[index] }
            let measured = RaBitQ.measureSigns(residual: scratch.residual, centre: scratch.centre, dimension: layout.dimension)
            let extra = rows.values[neighbour].extra
            factors[place] = measured.factor
            offsets[place] = measured.offset + extra * extra - ownExtra * ownExtra
            FastScan.pack(
                row: place, signs: scratch.residual, chunks: layout.chunks, into: group.assumingMemoryBound(to: UInt8.self))
        }
        block.copyMemory(from: rows.codes + Int(node) * rows.stride, byteCount: layout.dimension)
        var values = rows.values[Int(node)]
        values.target = target
        (block + layout.valuesOffset).storeBytes(of: values, as: NodeValues.self)
    }

    private final class Scratch: @unchecked Sendable {
        // SAFETY: unchecked because of the pointers: used by one thread.
        let centre: UnsafeMutablePointer<Float>
        let residual: UnsafeMutablePointer<Float>

        init(dimension: Int) {
            centre = .allocate(capacity: dimension)
            residual = .allocate(capacity: dimension)
        }

        deinit {
            centre.deallocate()
            residual.deallocate()
        }
    }
}
