/// Which segments of a collection are merged into one now: a pure function of their sizes.
///
/// Tiered: segments of about one size are merged when there are enough of them, so a row is rewritten about as often as the logarithm of the
/// collection's size in flushes. A segment with many dead rows is rewritten whatever its size. What has wholly died goes at once.
/// A collection at rest settles: what is left beside its largest segment is merged into that one, since a search asks every segment for itself. As
/// that rewrites the largest, indexes and all, the rest must be worth it, or the collection must have been at rest for long.
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
    /// - Parameter restMilliseconds: for how long the collection has had no new segment.
    package func choose(_ segments: [Candidate], restMilliseconds: Int = 0) -> [Int] {
        if let dead = segments.firstIndex(where: { $0.deadCount == $0.rowCount }) { return [dead] }
        if let tier = tier(segments) { return tier }
        let decayed = segments.indices.filter { segments[$0].deadShare > options.deadShareMax }
        // Together with its equals, so that many small decayed segments do not stay many.
        let rewritten = fitting(decayed, segments, options.segmentBytesMax)
        return rewritten.isEmpty ? settled(segments, restMilliseconds) : rewritten
    }

    /// What becomes one segment when the collection is at rest: as many as fit, the smallest first.
    private func settled(_ segments: [Candidate], _ restMilliseconds: Int) -> [Int] {
        guard restMilliseconds >= options.settleMilliseconds else { return [] }
        let bySize = segments.indices.sorted { (segments[$0].liveBytes, $0) < (segments[$1].liveBytes, $1) }
        let members = fitting(bySize, segments, options.settledBytesMax)
        let sizes = members.map { segments[$0].liveBytes }
        let (total, largest) = (sizes.reduce(0, +), sizes.max() ?? 0)
        let longRest = options.settleMilliseconds.multipliedReportingOverflow(by: Self.longRest)
        let isLong = !longRest.overflow && restMilliseconds >= longRest.partialValue
        if members.count > 1, isLong || total - largest >= total / Self.settleRatio { return members }
        guard isLong else { return [] }
        // Searches walk through what is dead.
        let decayed = segments.indices.first { place in
            segments[place].deadShare > Self.settledDeadShareMax && segments[place].liveBytes <= options.settledBytesMax
        }
        return decayed.map { [$0] } ?? []
    }

    /// At rest, what is merged into the largest segment is at least this part of the whole.
    private static let settleRatio = 8
    /// After so many times the time to settle it may be any part.
    static let longRest = 60
    /// And then no more than this part of a segment stays dead.
    private static let settledDeadShareMax = 1.0 / 32

    /// The smallest tier that is full.
    private func tier(_ segments: [Candidate]) -> [Int]? {
        let bySize = segments.indices.sorted { (segments[$0].liveBytes, $0) < (segments[$1].liveBytes, $1) }
        var start = 0
        while start < bySize.count {
            let smallest = max(segments[bySize[start]].liveBytes, Self.smallBytes)
            let end = bySize[start...].firstIndex { segments[$0].liveBytes > smallest * options.tierRatio } ?? bySize.count
            let members = fitting(Array(bySize[start..<end]), segments, options.segmentBytesMax)
            if members.count >= options.segmentsPerTier { return members }
            start = end
        }
        return nil
    }

    /// Up to here all sizes count as one: opening and searching a file costs about as much whether it has one row or a thousand.
    private static let smallBytes = 1 << 20

    /// As many from the front as one segment may hold.
    private func fitting(_ places: [Int], _ segments: [Candidate], _ bytesMax: Int) -> [Int] {
        var total = 0
        return places.prefix { place in
            total += segments[place].liveBytes
            return total <= bytesMax || place == places.first
        }.sorted()
    }
}
