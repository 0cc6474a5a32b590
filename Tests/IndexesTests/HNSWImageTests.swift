import Indexes
import TestSupport
import Testing
import VectorModel

/// Bytes that no builder wrote: they are refused or, where only codes, floats and links differ, searched without harm.
@Suite struct HNSWImageTests {
    /// Where things are in the image of `sample`: rows of 20 dimensions take 64 codes, nodes have 32 links.
    private enum Place {
        static let layerCount = 28
        static let geometry = 40..<48
        static let layers = 48
        static let header = 512
        static let target = 76
        static let links = 80..<80 + 4 * 32
        static let node = 768
    }

    private static let rowCount = 150

    private static func opened(_ content: some Collection<UInt8>) throws -> HNSWIndex {
        try HNSWIndex(copiedImage(content), ordinalBound: rowCount)
    }

    private static func sample() -> ApproximateRows { ApproximateRows(.clusters, metric: .l2, count: rowCount, dimension: 20, seed: 1) }

    private static func store(_ value: UInt32, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
    }

    /// Whatever an opened image holds, a search returns ordinals below the bound, each once for a node, and ends. Without a filter it finds something; with
    /// one it may give up where a scan is quicker.
    private static func expectHarmless(_ index: HNSWIndex, _ comment: Comment) {
        let accepted = OrdinalSet.all(below: rowCount)
        for wanted in [1, 10, 400] {
            for accepted in [nil, accepted] {
                let found = index.search([Float](repeating: 0.1, count: index.dimension), wanted: wanted, effort: 20, accepted: accepted)
                #expect(found.allSatisfy { $0.ordinal < rowCount && !$0.distance.isNaN }, comment)
                #expect((!found.isEmpty || accepted != nil) && found.count <= index.rowCount, comment)
            }
        }
    }

    @Test func theLayoutIsWhatTheseTestsTakeItFor() {
        let bytes = Self.sample().graph().bytes
        #expect(bytes.count == Place.header + (Self.rowCount + Self.rowCount / 32) * Place.node)
        #expect(bytes[Place.layerCount] == 2)
        #expect(bytes[Place.layers + 8] == UInt8(Self.rowCount) && bytes[Place.layers + 24] == UInt8(Self.rowCount / 32))
        let targets = (0..<Self.rowCount).map { bytes[Place.header + $0 * Place.node + Place.target] }
        #expect(targets.sorted() == (0..<UInt8(Self.rowCount)).map { $0 })
    }

    @Test func anImageOpenedAgainAnswersTheSame() throws {
        let rows = Self.sample()
        let built = rows.graph(seed: 9)
        let opened = try Self.opened(built.bytes)
        #expect(opened.rowCount == 150 && opened.dimension == 20 && opened.metric == .l2)
        #expect(opened.parameters == built.parameters && opened.seed == 9)
        for query in rows.queries(20, seed: 2) {
            let (a, b) = (built.search(query, wanted: 10, effort: 30), opened.search(query, wanted: 10, effort: 30))
            #expect(a.map(\.ordinal) == b.map(\.ordinal) && a.map(\.distance) == b.map(\.distance))
        }
        // It serves as the older graph of another, too.
        #expect(rows.graph(extending: (opened, { $0 })).bytes == rows.graph(extending: (built, { $0 })).bytes)
    }

    @Test func everyBitOfTheHeader() {
        let bytes = Self.sample().graph().bytes
        for offset in 0..<Place.header {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                if let index = try? Self.opened(damaged) {
                    // A metric, seed, scale or entry cannot be told from another, nor a dimension or a degree whose blocks are as long.
                    let canDiffer = [12, 16, 20, 24, 25].contains(offset) || (32..<48).contains(offset) || [60, 76].contains(offset)
                    #expect(canDiffer, "byte \(offset), bit \(bit)")
                    Self.expectHarmless(index, "byte \(offset), bit \(bit)")
                }
            }
        }
    }

    @Test func everyLength() {
        let bytes = Self.sample().graph().bytes
        let lengths = Array(0..<600) + Array(stride(from: 600, to: bytes.count, by: 997)) + [bytes.count - Place.node, bytes.count - 64, bytes.count - 1]
        for length in lengths {
            #expect(throws: IndexImageDamage.self, "\(length) bytes") { try Self.opened(bytes.prefix(length)) }
        }
        #expect(throws: IndexImageDamage.self) { try Self.opened(bytes + [0]) }
        #expect(throws: IndexImageDamage.self) { try Self.opened(bytes + bytes.suffix(Place.node)) }
    }

    @Test(arguments: Seeds.some(3))
    func randomBytesAnywhere(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let bytes = Self.sample().graph().bytes
        var opened = 0
        for _ in 0..<300 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = Int.random(in: generator.chance(percent: 10) ? 0..<Place.header : Place.header..<damaged.count, using: &generator)
                for place in offset..<min(damaged.count, offset + Int.random(in: 1...8, using: &generator)) {
                    damaged[place] = generator.chance(percent: 50) ? 0xFF : UInt8.random(in: 0...255, using: &generator)
                }
            }
            guard let index = try? Self.opened(damaged) else { continue }
            opened += 1
            Self.expectHarmless(index, "\(Seeds.replay(seed))")
        }
        #expect(opened > 0)
    }

    /// Everything but the header, links and targets is noise: infinities, NaN and numbers that overflow.
    @Test(arguments: Seeds.some(3))
    func noiseInsteadOfCodesAndFactors(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for patterns: [UInt8] in [[0xFF], [0x7F, 0x80, 0xFF, 0], [0], Array(0...255)] {
            var damaged = Self.sample().graph().bytes
            for offset in Place.header..<damaged.count {
                let place = (offset - Place.header) % Place.node
                if !Place.links.contains(place), !(Place.target..<Place.target + 4).contains(place) {
                    damaged[offset] = patterns.randomElement(using: &generator)!
                }
            }
            Self.expectHarmless(try Self.opened(damaged), "\(Seeds.replay(seed))")
        }
    }

    /// Links to what is no node, and rows that do not exist.
    @Test func numbersOutOfRange() {
        let bytes = Self.sample().graph().bytes
        let nodes = bytes.count / Place.node
        for node in [0, 1, Self.rowCount - 1, Self.rowCount, nodes - 1] {
            let start = Place.header + node * Place.node
            let bound = UInt32(node < Self.rowCount ? Self.rowCount : Self.rowCount / 32)
            for value in [bound, bound + 1, 0x7FFF_FFFF, 0x8000_0000, .max] {
                for place in [Place.links.lowerBound, Place.links.upperBound - 4] {
                    var damaged = bytes
                    Self.store(value, at: start + place, in: &damaged)
                    #expect(throws: IndexImageDamage.self, "node \(node), link \(value)") { try Self.opened(damaged) }
                }
            }
            for value in [UInt32(Self.rowCount), 0x7FFF_FFFF, .max] {
                var damaged = bytes
                Self.store(value, at: start + Place.target, in: &damaged)
                #expect(throws: IndexImageDamage.self, "node \(node), target \(value)") { try Self.opened(damaged) }
            }
        }
    }

    /// Every node links to itself only, to the next one, or to one of two: fewer rows are found then, and a search ends.
    @Test func cycles() throws {
        let bytes = Self.sample().graph().bytes
        for next: (Int, Int) -> Int in [{ node, _ in node }, { node, count in (node + 1) % count }, { node, _ in node ^ 1 }, { _, _ in 0 }] {
            var damaged = bytes
            for node in 0..<Self.rowCount + Self.rowCount / 32 {
                let (number, count) = node < Self.rowCount ? (node, Self.rowCount) : (node - Self.rowCount, Self.rowCount / 32)
                for place in stride(from: Place.links.lowerBound, to: Place.links.upperBound, by: 4) {
                    Self.store(UInt32(next(number, count)), at: Place.header + node * Place.node + place, in: &damaged)
                }
            }
            Self.expectHarmless(try Self.opened(damaged), "")
        }
    }

    @Test func entriesAndLayersThatAreNone() throws {
        let bytes = Self.sample().graph().bytes
        let entries: [(Int, UInt32)] = [(60, 150), (60, .max), (76, 4), (76, .max)]
        let counts: [(Int, UInt32)] = [(28, 0), (28, 1), (28, 3), (28, 9), (28, .max), (56, 151), (72, 5)]
        for (offset, value) in entries + counts {
            var damaged = bytes
            Self.store(value, at: offset, in: &damaged)
            #expect(throws: IndexImageDamage.self, "\(value) at \(offset)") { try Self.opened(damaged) }
        }
        // As many blocks in all, every number in them that of a node there is, but more nodes above than below.
        for lower in [1, 4, 77, 153] {
            var damaged = bytes
            for node in 0..<154 {
                for place in [Place.target] + Array(stride(from: Place.links.lowerBound, to: Place.links.upperBound, by: 4)) {
                    Self.store(0, at: Place.header + node * Place.node + place, in: &damaged)
                }
            }
            Self.store(UInt32(lower), at: Place.layers + 8, in: &damaged)
            Self.store(UInt32(154 - lower), at: Place.layers + 24, in: &damaged)
            Self.store(UInt32(Place.header + lower * Place.node), at: Place.layers + 16, in: &damaged)
            if lower < 77 {
                #expect(throws: IndexImageDamage.self, "\(lower) nodes") { try Self.opened(damaged) }
            } else {
                Self.expectHarmless(try Self.opened(damaged), "\(lower) nodes")
            }
        }
    }

    @Test func anImageWithoutRows() throws {
        let bytes = ApproximateRows(metric: .cosine, dimension: 5, rows: []).graph().bytes
        let index = try HNSWIndex(copiedImage(bytes), ordinalBound: 0)
        #expect(index.rowCount == 0 && index.search([1, 2, 3, 4, 5], wanted: 3, effort: 10).isEmpty)
    }
}
