import Testing
import TestSupport
import VectorModel

@Suite struct OrdinalSetTests {
    @Test(arguments: [0, 1, 63, 64, 65, 1_000])
    func allHoldsExactlyTheOrdinalsBelowTheBound(bound: Int) {
        let set = OrdinalSet.all(below: bound)
        #expect(set.count == bound)
        #expect((0..<bound).allSatisfy { set.contains($0) })
        var members: [Int] = []
        set.forEach { members.append($0); return true }
        #expect(members == Array(0..<bound))
    }

    @Test(arguments: [0...0, 3...9, 0...63, 63...64, 60...200, 64...127, 199...199])
    func rangesAndWordsAreAdded(range: ClosedRange<Int>) {
        var set = OrdinalSet(bound: 200)
        set.insert(100)
        set.insert(range)
        #expect((0..<200).allSatisfy { set.contains($0) == (range.contains($0) || $0 == 100) })
        set.insert(0b101, at: 3)
        #expect(set.contains(192) && set.contains(194) && set.contains(100) && set.contains(193) == range.contains(193))
    }

    @Test(arguments: Seeds.some(20))
    func agreesWithASetOfIntegers(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bound = Int.random(in: 1...300, using: &generator)
        func random() -> (OrdinalSet, Set<Int>) {
            var (set, model) = (OrdinalSet(bound: bound), Set<Int>())
            for _ in 0..<Int.random(in: 0...bound, using: &generator) {
                let member = Int.random(in: 0..<bound, using: &generator)
                if generator.chance(0.8) { set.insert(member); model.insert(member) } else { set.remove(member); model.remove(member) }
            }
            return (set, model)
        }
        let (left, leftModel) = random()
        let (right, rightModel) = random()
        func members(_ set: OrdinalSet) -> Set<Int> { Set((0..<bound).filter { set.contains($0) }) }
        var union = left, intersection = left, difference = left, even = left
        union.formUnion(right)
        intersection.formIntersection(right)
        difference.subtract(right)
        even.filter { $0.isMultiple(of: 2) }
        #expect(members(union) == leftModel.union(rightModel), "\(Seeds.replay(seed))")
        #expect(members(intersection) == leftModel.intersection(rightModel), "\(Seeds.replay(seed))")
        #expect(members(difference) == leftModel.subtracting(rightModel), "\(Seeds.replay(seed))")
        #expect(members(even) == leftModel.filter { $0.isMultiple(of: 2) }, "\(Seeds.replay(seed))")
        #expect(left.count == leftModel.count && left.isEmpty == leftModel.isEmpty)
        let place = Int.random(in: 0...bound + 64, using: &generator)
        var lower = left
        let upper = lower.split(at: place)
        #expect(lower.bound == bound && members(lower) == leftModel.filter { $0 < place }, "\(Seeds.replay(seed)): \(place)")
        #expect(upper.bound == bound && members(upper) == leftModel.filter { $0 >= place }, "\(Seeds.replay(seed)): \(place)")
        let wide = left.widened(to: bound + place)
        #expect(wide.bound == bound + place && wide.count == leftModel.count && leftModel.allSatisfy { wide.contains($0) })
    }

    @Test func forEachStopsWhenTold() {
        var seen: [Int] = []
        OrdinalSet.all(below: 200).forEach { seen.append($0); return seen.count < 3 }
        #expect(seen == [0, 1, 2])
    }
}
