/// The `k` best rows seen so far: a bounded heap with the worst on top.
///
/// Higher scores are better, among equals the smaller order. Cost: O(1) for a row that is not good enough, O(log k) for one that is kept.
struct BestRows {
    private struct Entry {
        let score: Double
        let order: UInt64
        let row: Int

        func isBetter(than other: Entry) -> Bool { score > other.score || (score == other.score && order < other.order) }
    }

    private let k: Int
    private var heap: [Entry] = []
    /// A row below this score cannot be kept; one of just this score may.
    private(set) var scoreMin: Double

    init(k: Int, atLeast: Double) {
        self.k = k
        scoreMin = k == 0 ? .infinity : atLeast
    }

    mutating func offer(_ row: Int, score: Double, order: @autoclosure () -> UInt64) {
        guard score >= scoreMin, k > 0 else { return }
        let entry = Entry(score: score, order: order(), row: row)
        if heap.count < k {
            heap.append(entry)
            siftUp()
        } else if entry.isBetter(than: heap[0]) {
            heap[0] = entry
            siftDown()
        }
        if heap.count == k { scoreMin = heap[0].score }
    }

    /// What is held, best first.
    func sorted() -> [ScoredRow] { heap.sorted { $0.isBetter(than: $1) }.map { ScoredRow(row: $0.row, score: $0.score) } }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent].isBetter(than: heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[worst].isBetter(than: heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
