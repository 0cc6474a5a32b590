/// Which segments of a collection are merged into one now: a pure function of their sizes.
///
/// Tiered: segments of about one size are merged when there are enough of them, so a row is rewritten about as often as the logarithm of the
/// collection's size in flushes. A segment with many dead rows is rewritten whatever its size. What has wholly died goes at once.
/// P. O'Neil et al., "The Log-Structured Merge-Tree", 1996, doi:10.1007/s002360050048, with several runs per level.
package struct CompactionPolicy {
    package struct Candidate: Equatable {
        let bytes: Int
        let rowCount: Int
        let deadCount: Int

        package init(bytes: Int, rowCount: Int, deadCount: Int) {
            self.bytes = bytes
            self.rowCount = rowCount
            self.deadCount = deadCount
        }

        var deadShare: Double { rowCount == 0 ? 1 : Double(deadCount) / Double(rowCount) }
        /// What a rewrite would about keep.
        var liveBytes: Int { rowCount == 0 ? 0 : Int(Double(bytes) * (1 - deadShare)) }
    }

    let options: StorageOptions

    package init(options: StorageOptions) {
        self.options = options
    }

    /// The places of the segments to merge, ascending; empty when nothing is to be done.
    package func choose(_ segments: [Candidate]) -> [Int] {
        if let dead = segments.firstIndex(where: { $0.deadCount == $0.rowCount }) { return [dead] }
        if let tier = tier(segments) { return tier }
        let decayed = segments.indices.filter { segments[$0].deadShare > options.deadShareMax }
        // Together with its equals, so that many small decayed segments do not stay many.
        return fitting(decayed, segments)
    }

    /// The smallest tier that is full.
    private func tier(_ segments: [Candidate]) -> [Int]? {
        let bySize = segments.indices.sorted { (segments[$0].liveBytes, $0) < (segments[$1].liveBytes, $1) }
        var start = 0
        while start < bySize.count {
            let smallest = max(segments[bySize[start]].liveBytes, Self.smallBytes)
            let end = bySize[start...].firstIndex { segments[$0].liveBytes > smallest * options.tierRatio } ?? bySize.count
            let members = fitting(Array(bySize[start..<end]), segments)
            if members.count >= options.segmentsPerTier { return members }
            start = end
        }
        return nil
    }

    /// Up to here all sizes count as one: opening and searching a file costs about as much whether it has one row or a thousand.
    private static let smallBytes = 1 << 20

    /// As many from the front as one segment may hold.
    private func fitting(_ places: [Int], _ segments: [Candidate]) -> [Int] {
        var total = 0
        return places.prefix { place in
            total += segments[place].liveBytes
            return total <= options.segmentBytesMax || place == places.first
        }.sorted()
    }
}
