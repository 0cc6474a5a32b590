import LyricaClient

/// What was measured of one index.
package struct AnnResult: Sendable {
    /// One per setting, in the order in which they were measured.
    package let lines: [ResultLine]
    /// Bytes of this process in memory when the vectors were there and the index was not, and at the end.
    package let residentBefore: Int
    package let residentAfter: Int

    /// For people.
    /// - Parameter width: of the terminal, in columns; `nil` sets no limit.
    package func report(width: Int?) -> [String] {
        guard let first = lines.first else { return [] }
        let facts = [
            first.buildSeconds.map { "built in \(ResultTable.fixed($0, 1)) s" } ?? "loaded",
            first.indexBytes.map { "\(ByteCount.text($0)) beyond the floats" }, first.diskBytes.map { "\(ByteCount.text($0)) on disk with them" },
            "process \(ByteCount.text(residentBefore)) before and \(ByteCount.text(residentAfter)) after",
        ]
        let head = "\(first.dataset): \(ProgressMeter.grouped(first.n)) × \(first.dimension), \(first.metric), recall@\(first.k), "
            + "\(ProgressMeter.grouped(first.queries)) queries, \(ProgressMeter.counted(first.threads, "thread"))"
        return [head, first.machine, "\(first.configuration): " + facts.compactMap(\.self).joined(separator: ", "), ""]
            + ResultTable.settings(lines, width: width) + [""] + ResultTable.summary(lines, width: width)
    }
}
