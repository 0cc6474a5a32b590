import Indexes
import Testing
import TestSupport

@Suite struct TopKTests {
    @Test(arguments: Seeds.some(30))
    func holdsTheNearestOfWhatWasOffered(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let k = Int.random(in: 0...20, using: &generator)
        var nearest = TopK(k: k)
        var all: [Candidate] = []
        for index in 0..<Int.random(in: 0...200, using: &generator) {
            // Few distinct distances, so that ties are the rule.
            let candidate = Candidate(
                distance: Float(Int.random(in: 0...9, using: &generator)), ordinal: UInt32(index),
                order: UInt64.random(in: 0...1_000_000, using: &generator))
            all.append(candidate)
            nearest.offer(candidate)
            let worst = all.sorted(by: Candidate.precedes).prefix(k).last
            #expect(nearest.threshold == (k == 0 ? -.infinity : all.count < k ? .infinity : worst!.distance), "\(Seeds.replay(seed))")
        }
        let expected = all.sorted(by: Candidate.precedes).prefix(k).map(\.ordinal)
        #expect(nearest.sorted().map(\.ordinal) == Array(expected), "\(Seeds.replay(seed))")
    }
}
