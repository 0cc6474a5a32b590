import ColumnStore

extension ColumnIndex {
    /// Checks what the arrays of a lane hold.
    func check(_ lane: ColumnLane) throws(ColumnIndexDamage) {
        switch lane.layout {
        case .counted: break
        case .postings: try checkPostings(lane)
        case .sorted: try checkSorted(lane)
        }
    }

    private func checkPostings(_ lane: ColumnLane) throws(ColumnIndexDamage) {
        let (keys, counts, starts, containers) = (keys(lane), counts(lane), starts(lane), containers(lane))
        let units = UnsafeBufferPointer(start: units(lane), count: lane.dataCount)
        try require(counts[0] == 0 && Int(counts[lane.distinctCount]) == lane.elementCount, lane.counts, "other counts than the lane's")
        try require(starts[0] == 0 && Int(starts[lane.distinctCount]) == lane.containerCount, lane.rows, "other containers than the lane's")
        for value in 0..<lane.distinctCount {
            try require(value == 0 || keys[value] > keys[value - 1], lane.keys + value * 8, "keys that do not ascend")
            try require(counts[value] < counts[value + 1], lane.counts + value * 4, "counts that do not ascend")
            try require(starts[value] < starts[value + 1] && starts[value + 1] <= lane.containerCount, lane.rows + value * 4, "no containers")
            var (rows, chunk) = (0, -1)
            for number in Int(starts[value])..<Int(starts[value + 1]) {
                let container = containers[number]
                guard container.chunk > chunk, let count = container.checkedRowCount(units, rowCount: rowCount) else {
                    throw ColumnIndexDamage(offset: lane.containers + number * 8, reason: "a container that no writer makes")
                }
                (rows, chunk) = (rows + count, container.chunk)
            }
            try require(rows == Int(counts[value + 1] - counts[value]), lane.counts + value * 4, "\(rows) rows")
        }
    }

    private func checkSorted(_ lane: ColumnLane) throws(ColumnIndexDamage) {
        let keys = keys(lane)
        for landmark in 1..<max(lane.landmarkCount, 1) {
            try require(keys[landmark] >= keys[landmark - 1], lane.keys + landmark * 8, "keys that do not ascend")
        }
        let heavy = heavyValues(lane)
        var rest = lane.elementCount
        for number in 0..<lane.heavyCount {
            let count = Int(clamping: heavy[2 * number + 1])
            try require(count <= rest, lane.counts + 16 * number + 8, "\(count) rows of one value, and \(rest) left")
            rest -= count
        }
        guard lane.width > 0 else { return }
        for position in 0..<lane.elementCount {
            try require(row(lane, position) < rowCount, lane.rows + position * lane.width / 8, "a row above \(rowCount)")
        }
    }

    private func require(_ holds: Bool, _ offset: Int, _ reason: @autoclosure () -> String) throws(ColumnIndexDamage) {
        if !holds { throw ColumnIndexDamage(offset: offset, reason: reason()) }
    }
}
