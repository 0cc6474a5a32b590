import Engine
import Testing

@Suite struct FlushPolicyTests {
    private func candidate(
        _ index: Int, bytes: Int = 0, pinned: Int = 0, idle: Int = 0, died: Double = 0
    ) -> FlushPolicy.Candidate {
        FlushPolicy.Candidate(index: index, memtableBytes: bytes, pinnedLogBytes: pinned, idleMilliseconds: idle, newlyDeadShare: died)
    }

    private func chosen(_ candidates: [FlushPolicy.Candidate]) -> [String] {
        var options = StorageOptions()
        (options.memtableBytes, options.memtableBytesTotal, options.logBytes) = (100, 250, 1_000)
        (options.idleMilliseconds, options.deadShareMax) = (500, 0.2)
        return FlushPolicy(options: options).choose(candidates).map { "\($0.candidate.index) \($0.reason)" }
    }

    @Test func aCollectionThatIsWrittenToStaysInMemory() {
        #expect(chosen([candidate(0, bytes: 99, pinned: 1_000, idle: 499, died: 0.2)]).isEmpty)
        #expect(chosen([]).isEmpty)
    }

    @Test func everyReasonCountsAndTheUrgentComeFirst() {
        let candidates = [
            candidate(0, bytes: 1, idle: 500), candidate(1, bytes: 1, died: 0.21), candidate(2, bytes: 1, pinned: 1_001), candidate(3, bytes: 100),
        ]
        #expect(chosen(candidates) == ["3 memtableIsFull", "2 pinsLog", "1 manyDied", "0 isIdle"])
    }

    @Test func theLargestGoUntilTheRestFits() {
        let candidates = [candidate(0, bytes: 60), candidate(1, bytes: 90), candidate(2, bytes: 80), candidate(3, bytes: 70)]
        #expect(chosen(candidates) == ["1 memoryIsFull"])
        #expect(chosen(candidates + [candidate(4, bytes: 99), candidate(5, bytes: 1)]) == ["4 memoryIsFull", "1 memoryIsFull"])
    }
}

@Suite struct CompactionPolicyTests {
    private let mebibyte = 1 << 20

    private func chosen(_ segments: [(mebibytes: Double, dead: Int)], bytesMax: Int = 1 << 40) -> [Int] {
        var options = StorageOptions()
        (options.segmentsPerTier, options.tierRatio, options.deadShareMax, options.segmentBytesMax) = (4, 4, 0.2, bytesMax)
        return CompactionPolicy(options: options).choose(segments.map {
            CompactionPolicy.Candidate(bytes: Int($0.mebibytes * Double(mebibyte)), rowCount: 100, deadCount: $0.dead)
        })
    }

    @Test func fewSegmentsOfAboutOneSizeStay() {
        #expect(chosen([]).isEmpty)
        #expect(chosen([(64, 0), (64, 20), (70, 0)]).isEmpty)
    }

    @Test func aFullTierIsMergedAndTheLargerStay() {
        #expect(chosen([(1_000, 0), (64, 0), (60, 0), (300, 0), (70, 0), (80, 0)]) == [1, 2, 4, 5])
        #expect(chosen([(256, 0), (256, 0), (300, 0), (1_024, 0), (1_025, 0)]) == [0, 1, 2, 3])
    }

    @Test func theSmallestSegmentsAreOneTierWhateverTheirSizes() {
        #expect(chosen([(0.01, 0), (0.1, 0), (0.9, 0), (3.9, 0)]) == [0, 1, 2, 3])
    }

    @Test func aSegmentWithManyDeadRowsIsRewritten() {
        #expect(chosen([(64, 20), (64, 21), (64, 0)]) == [1])
        #expect(chosen([(64, 50), (640, 50)]) == [0, 1])
    }

    @Test func whatHasDiedWhollyGoesFirst() {
        #expect(chosen([(64, 0), (64, 0), (64, 100), (64, 0), (64, 0)]) == [2])
    }

    @Test func noMergeMakesMoreThanOneSegmentMayHold() {
        #expect(chosen([(64, 0), (64, 0), (64, 0), (64, 0)], bytesMax: 200 * mebibyte).isEmpty)
        #expect(chosen([(64, 0), (64, 0), (64, 0), (64, 0), (64, 0)], bytesMax: 256 * mebibyte) == [0, 1, 2, 3])
        // One alone is always rewritten, since it becomes smaller.
        #expect(chosen([(500, 30), (500, 30)], bytesMax: 100 * mebibyte) == [0])
    }
}
