import VectorModel

/// Makes every node of a layer reachable from its entry: duplicates and far clusters may have lost all links that lead to them.
struct GraphReach {
    let rows: GraphRows
    let links: GraphLinks
    let efConstruction: Int

    /// Links every node that cannot be reached from `entry` from a near one that can, in the place of that one's least important link.
    ///
    /// Links that a walk over the whole graph came by are kept, so that nothing reachable is lost. Cost: one walk over all links, and a search for each
    /// node that has to be linked.
    func connect(from entry: UInt32) {
        let walk = walk(from: entry)
        var (reached, treeLinks) = (walk.reached, walk.treeLinks)
        guard walk.count < links.count else { return }
        let walker = GraphWalker(rows: rows, links: links, ef: efConstruction)
        for node in 0..<links.count where !reached[node] {
            walker.search(near: node, from: entry)
            // A search from the entry finds reachable nodes only. Should all near ones be full of links that are needed, any other will do.
            let near = walker.found.first { hasRoom($0, treeLinks) } ?? (0..<UInt32(links.count)).first { reached[Int($0)] && hasRoom($0, treeLinks) }
            guard let near else { return }
            give(near, linkTo: UInt32(node), &treeLinks)
            extend(from: UInt32(node), &reached, &treeLinks)
        }
    }

    private func walk(from entry: UInt32) -> (reached: [Bool], treeLinks: Set<UInt64>, count: Int) {
        var reached = [Bool](repeating: false, count: links.count)
        var treeLinks = Set<UInt64>(minimumCapacity: links.count)
        let count = extend(from: entry, &reached, &treeLinks)
        return (reached, treeLinks, count)
    }

    @discardableResult
    private func extend(from start: UInt32, _ reached: inout [Bool], _ treeLinks: inout Set<UInt64>) -> Int {
        var queue = [start]
        reached[Int(start)] = true
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            for other in links[Int(node)] where !reached[Int(other)] {
                reached[Int(other)] = true
                treeLinks.insert(Self.key(node, other))
                queue.append(other)
            }
        }
        return queue.count
    }

    private static func key(_ from: UInt32, _ to: UInt32) -> UInt64 { UInt64(from) << 32 | UInt64(to) }

    private func hasRoom(_ node: UInt32, _ treeLinks: Set<UInt64>) -> Bool {
        let list = links[Int(node)]
        return list.count < links.degree || list.contains { !treeLinks.contains(Self.key(node, $0)) }
    }

    private func give(_ node: UInt32, linkTo other: UInt32, _ treeLinks: inout Set<UInt64>) {
        treeLinks.insert(Self.key(node, other))
        let list = links[Int(node)]
        if list.count < links.degree, links.append(other, to: Int(node)) { return }
        // The last are the fillers and the farthest.
        guard let place = list.indices.last(where: { !treeLinks.contains(Self.key(node, list[$0])) }) else { return }
        links.set(place, of: Int(node), to: other)
    }
}
