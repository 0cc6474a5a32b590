import VectorModel

/// One thread's work on a graph that is being built: searches it, and chooses links.
///
/// Its memory is that of a few lists of nodes, and 4 bytes per row of the graph.
final class GraphWalker: @unchecked Sendable {
    // SAFETY: unchecked because of the pointers: a walker is used by one thread at a time. Every list has room for `listMax` entries, marks for every row.
    private let rows: GraphRows
    private let links: GraphLinks
    private let ef: Int
    private let listMax: Int
    private let marks: UnsafeMutablePointer<UInt32>
    /// Marks of this value belong to the search at work.
    private var mark: UInt32 = 0
    /// The candidates of the last search or measurement, nearest first.
    private let candidates: UnsafeMutablePointer<BeamEntry>
    private var candidateCount = 0
    private let fresh: UnsafeMutablePointer<UInt32>
    private let chosen: UnsafeMutablePointer<UInt32>
    private let rejected: UnsafeMutablePointer<UInt32>
    private let products: UnsafeMutablePointer<Int32>
    private let distances: UnsafeMutablePointer<Float>

    /// Nodes two links away that are looked at.
    private static let secondNeighboursMax = 512

    init(rows: GraphRows, links: GraphLinks, ef: Int) {
        self.rows = rows
        self.links = links
        self.ef = ef
        listMax = max(ef + 1, links.capacity * (links.capacity + 1), Self.secondNeighboursMax + links.capacity)
        marks = .allocate(capacity: max(rows.count, 1))
        marks.initialize(repeating: 0, count: rows.count)
        candidates = .allocate(capacity: listMax)
        fresh = .allocate(capacity: listMax)
        chosen = .allocate(capacity: listMax)
        rejected = .allocate(capacity: listMax)
        products = .allocate(capacity: listMax)
        distances = .allocate(capacity: listMax)
    }

    deinit {
        marks.deallocate()
        candidates.deallocate()
        fresh.deallocate()
        chosen.deallocate()
        rejected.deallocate()
        products.deallocate()
        distances.deallocate()
    }

    /// What the last search found, nearest first.
    var found: [UInt32] { (0..<candidateCount).map { candidates[$0].node } }

    /// Fills `candidates` with the nearest `ef` nodes that a walk from `entry` finds.
    func search(near node: Int, from entry: UInt32) {
        let mark = nextMark(for: node)
        marks[Int(entry)] = mark
        fresh[0] = entry
        rows.measure(from: node, to: fresh, count: 1, products: products, into: distances)
        candidates[0] = BeamEntry(distance: distances[0], node: entry)
        var count = 1
        var next = 0
        while next < count {
            guard !candidates[next].isVisited else {
                next += 1
                continue
            }
            candidates[next].visit()
            var freshCount = 0
            for other in links[Int(candidates[next].node)] where marks[Int(other)] != mark {
                marks[Int(other)] = mark
                fresh[freshCount] = other
                freshCount += 1
            }
            rows.measure(from: node, to: fresh, count: freshCount, products: products, into: distances)
            next = min(next + 1, offer(freshCount, to: &count))
        }
        candidateCount = count
    }

    /// Offers the first of `fresh`, which are measured, to the `count` candidates; returns the first place where one was put.
    @inline(__always)
    private func offer(_ freshCount: Int, to count: inout Int) -> Int {
        var first = Int.max
        for index in 0..<freshCount {
            let entry = BeamEntry(distance: distances[index], node: fresh[index])
            var place = count
            if count == ef {
                guard entry < candidates[ef - 1] else { continue }
                place -= 1
            } else {
                count += 1
            }
            while place > 0, entry < candidates[place - 1] {
                candidates[place] = candidates[place - 1]
                place -= 1
            }
            candidates[place] = entry
            first = min(first, place)
        }
        return first
    }

    /// Fills `candidates` with the nodes given, whose distances are measured.
    func measure(from node: Int, _ others: [UInt32]) {
        precondition(others.count <= listMax)
        for (index, other) in others.enumerated() { fresh[index] = other }
        measureFresh(others.count, from: node)
    }

    /// Fills `candidates` with the first `count` of `fresh`.
    private func measureFresh(_ count: Int, from node: Int) {
        rows.measure(from: node, to: fresh, count: count, products: products, into: distances)
        for index in 0..<count { candidates[index] = BeamEntry(distance: distances[index], node: fresh[index]) }
        var list = UnsafeMutableBufferPointer(start: candidates, count: count)
        list.sort()
        candidateCount = count
    }

    private func nextMark(for node: Int) -> UInt32 {
        mark &+= 1
        if mark == 0 {
            marks.update(repeating: 0, count: rows.count)
            mark = 1
        }
        marks[node] = mark
        return mark
    }

    /// Those of the candidates that no link chosen before leads nearer to; the rest is filled up with the nearest others when that is asked for.
    func choose(for node: Int, atMost limit: Int, fills: Bool = false) -> [UInt32] {
        var (chosenCount, rejectedCount) = (0, 0)
        for index in 0..<candidateCount where candidates[index].node != UInt32(node) {
            guard chosenCount < limit else { break }
            let candidate = candidates[index]
            if isCovered(candidate, by: chosenCount) {
                rejected[rejectedCount] = candidate.node
                rejectedCount += 1
            } else {
                chosen[chosenCount] = candidate.node
                chosenCount += 1
            }
        }
        if fills {
            let filling = min(limit - chosenCount, rejectedCount)
            (chosen + chosenCount).update(from: rejected, count: filling)
            chosenCount += filling
        }
        return Array(UnsafeBufferPointer(start: chosen, count: chosenCount))
    }

    /// Whether one of the chosen leads nearer to a candidate. Also where it leads equally near: of many copies of a vector one is linked, and room
    /// is left for links to elsewhere.
    @inline(__always)
    private func isCovered(_ candidate: BeamEntry, by chosenCount: Int) -> Bool {
        let limit = candidate.distance
        var start = 0
        // The first chosen are the nearest and cover most: a few at a time are measured.
        while start < chosenCount {
            let count = min(chosenCount - start, Self.coverGroup)
            rows.measure(from: Int(candidate.node), to: chosen + start, count: count, products: products, into: distances)
            for index in 0..<count where distances[index] * GraphBuilder.relaxation <= limit { return true }
            start += count
        }
        return false
    }

    private static let coverGroup = 8

    /// The nearest nodes that are two links away.
    func neighboursOfNeighbours(of node: Int, in old: GraphLinks, atMost limit: Int) -> [UInt32] {
        guard limit > 0 else { return [] }
        let mark = nextMark(for: node)
        for neighbour in old[node] { marks[Int(neighbour)] = mark }
        var count = 0
        for neighbour in old[node] where count < Self.secondNeighboursMax {
            for second in old[Int(neighbour)] where marks[Int(second)] != mark {
                marks[Int(second)] = mark
                fresh[count] = second
                count += 1
            }
        }
        measureFresh(count, from: node)
        return (0..<min(limit, count)).map { candidates[$0].node }
    }
}
