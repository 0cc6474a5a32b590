import VectorModel

/// The links that a new graph takes over from an older one: those between rows that live on, and, where a row has died, links to its neighbours.
struct GraphInheritance {
    private let layer: GraphLayer
    private let image: IndexImage
    /// The row of the new graph that a node of the old one is; `none` where it is dead.
    private let rowOfNode: [UInt32]
    private let survivors: [Bool]
    let survivorCount: Int

    private static let none = UInt32.max

    /// - Parameters:
    ///   - newOrdinal: the row of the new part that a row of the old part is; `nil` where it is dead.
    ///   - ordinals: of the new graph's rows, ascending.
    init(_ index: HNSWIndex, newOrdinal: (UInt32) -> UInt32?, ordinals: [UInt32]) {
        layer = index.layer(0)
        image = index.image
        var rowOfNode = [UInt32](repeating: Self.none, count: layer.nodeCount)
        var survivors = [Bool](repeating: false, count: ordinals.count)
        var count = 0
        for node in 0..<UInt32(layer.nodeCount) {
            guard let ordinal = newOrdinal(layer.values(layer.block(node)).target), let row = Self.place(of: ordinal, in: ordinals), !survivors[row]
            else { continue }
            rowOfNode[Int(node)] = UInt32(row)
            survivors[row] = true
            count += 1
        }
        self.rowOfNode = rowOfNode
        self.survivors = survivors
        survivorCount = count
    }

    func isSurvivor(_ row: UInt32) -> Bool { survivors[Int(row)] }

    private static func place(of ordinal: UInt32, in ordinals: [UInt32]) -> Int? {
        var (low, high) = (0, ordinals.count)
        while low < high {
            let middle = (low + high) / 2
            if ordinals[middle] < ordinal { low = middle + 1 } else { high = middle }
        }
        return low < ordinals.count && ordinals[low] == ordinal ? low : nil
    }

    /// Gives the survivors their links. One that has lost links to the dead chooses among what is left and the dead ones' links.
    func takeOver(to links: GraphLinks, _ rows: GraphRows, threads: Int) {
        let walkers = (0..<threads).map { _ in GraphWalker(rows: rows, links: links, ef: links.degree) }
        // SAFETY: the image is kept by `self`, and nobody writes it.
        nonisolated(unsafe) let inheritance = self
        parallelLoop(layer.nodeCount, threads: threads) { node, thread in
            let row = inheritance.rowOfNode[node]
            guard row != Self.none else { return }
            let heirs = inheritance.heirs(of: UInt32(node))
            if heirs.isComplete {
                links.replace(Int(row), with: heirs.rows)
            } else {
                walkers[thread].measure(from: Int(row), heirs.rows)
                links.replace(Int(row), with: walkers[thread].choose(for: Int(row), atMost: links.degree, fills: true))
            }
        }
    }

    /// The rows that a node's links lead to; through a dead neighbour to its neighbours.
    private func heirs(of node: UInt32) -> (rows: [UInt32], isComplete: Bool) {
        var rows: [UInt32] = []
        var isComplete = true
        func add(_ other: UInt32) {
            let row = rowOfNode[Int(other)]
            if row != Self.none, other != node, !rows.contains(row) { rows.append(row) }
        }
        let links = layer.links(layer.block(node))
        for link in 0..<layer.layout.degree {
            guard rowOfNode[Int(links[link])] == Self.none else {
                add(links[link])
                continue
            }
            isComplete = false
            let second = layer.links(layer.block(links[link]))
            for link in 0..<layer.layout.degree { add(second[link]) }
        }
        return (rows, isComplete)
    }
}
