import ByteCoding
import FileIO
import Filtering
import Segments
import Testing
import TestSupport
import TextSearch
import VectorModel

/// A segment's lookup file: what filters find with it, and what becomes of it when it is not what was written.
@Suite struct LookupFileTests {
    private struct Sample {
        let records: [PlainRecord]
        let segment: Segment
        let path: String
    }

    private func sample(_ count: Int, _ random: inout RandomFilters, in directory: String) throws -> Sample {
        let records = (0..<count).map { random.record("id\($0)") }
        let rows = records.enumerated().map { row, record in
            SampleRow(
                identifier: record.identifier, vector: nil, document: record.document, uri: nil, metadata: record.metadata,
                insertionKey: UInt64(row + 1), sequence: UInt64(row + 1))
        }
        let reference = try writeSample(rows, as: .sample(dimension: nil), in: directory)
        let segment = try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
        return Sample(records: records, segment: segment, path: directory + "/" + reference.lookupFileName)
    }

    /// Runs filters and compares what they find.
    private func check(_ sample: Sample, _ random: inout RandomFilters, filters: Int, _ comment: Comment) throws {
        let cursor = try sample.segment.cursor()
        for _ in 0..<filters {
            let condition = random.condition(depth: 3, identifiers: sample.records.map(\.identifier))
            let filter = try CompiledFilter(metadata: condition, document: nil)
            var found = OrdinalSet.all(below: sample.records.count)
            found.filter { _ in random.generator.chance(0.8) }
            var expected = found
            expected.filter { PlainFilter.holds(condition, sample.records[$0]) }
            try filter.apply(to: &found, of: cursor)
            try #require(found == expected, "\(comment): \(condition)")
        }
    }

    @Test(arguments: Seeds.some(6))
    func filtersFindTheSameWithIt(seed: UInt64) throws {
        var random = RandomFilters(seed: seed)
        let count = Int.random(in: 1...900, using: &random.generator)
        try withSegmentDirectory { directory in
            let sample = try sample(count, &random, in: directory)
            guard sample.segment.hasLookupSources else { return }
            #expect(try sample.segment.cursor().columnLookup(of: "n") == nil)
            try sample.segment.buildLookup {}
            #expect(try sample.segment.cursor().columnLookup(of: "n") != nil)
            try check(sample, &random, filters: 150, "\(Seeds.replay(seed))")
            // As a later start does.
            let again = try Segment.open(sample.segment.path, fileSystem: POSIXFileSystem())
            try again.findLookup()
            #expect(try again.cursor().columnLookup(of: "n") == nil && again.wantLookup() && !again.wantLookup() && again.isLookupWanted)
            try again.openLookup()
            try check(Sample(records: sample.records, segment: again, path: sample.path), &random, filters: 50, "\(Seeds.replay(seed)), opened")
            #expect(again.checkIndexes().sound.map(\.path) == [sample.path])
        }
    }

    @Test func everyFlippedByteIsRefused() throws {
        var random = RandomFilters(seed: 5)
        try withSegmentDirectory { directory in
            let sample = try sample(60, &random, in: directory)
            try sample.segment.buildLookup {}
            let whole = try fileBytes(sample.path)
            let segment = try Segment.open(sample.segment.path, fileSystem: POSIXFileSystem())
            for place in whole.indices where place < 256 || place.isMultiple(of: 7) || place > whole.count - 8 {
                var bytes = whole
                bytes[place] ^= 1 << UInt8(place % 8)
                try writeFile(sample.path, bytes)
                #expect(throws: IndexLoadError.self, "byte \(place)") {
                    try segment.findLookup()
                    try segment.openLookup()
                }
                guard case .none = segment.lookupState else { Issue.record("byte \(place) is taken for whole"); return }
                #expect(try POSIXFileSystem().status(sample.path) == nil)
            }
            // What was refused is made again, the same.
            try segment.buildLookup {}
            #expect(try fileBytes(sample.path) == whole)
            try check(Sample(records: sample.records, segment: segment, path: sample.path), &random, filters: 20, "made again")
        }
    }

    /// Whoever builds it sees without opening it whether the index of words is the one that is wanted.
    @Test func theHeaderTellsTheAnalysis() throws {
        var random = RandomFilters(seed: 10)
        try withSegmentDirectory { directory in
            let sample = try sample(60, &random, in: directory)
            #expect(!sample.segment.lookupState.isMade(with: .english))
            try sample.segment.buildLookup(.english) {}
            let segment = try Segment.open(sample.segment.path, fileSystem: POSIXFileSystem())
            try segment.findLookup()
            for state in [sample.segment.lookupState, segment.lookupState] {
                #expect(state.isMade(with: .english) && !state.isMade(with: .plain) && !state.isMade(with: TextAnalysis(stemming: .english)))
            }
            // A header that is whole, and tells another analysis than the index of words.
            var bytes = try fileBytes(sample.path)
            bytes[68] ^= 1
            let checksum = bytes[..<252].withUnsafeBytes { crc32c($0) }
            withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(252..<256, with: $0) }
            try writeFile(sample.path, bytes)
            let forged = try Segment.open(sample.segment.path, fileSystem: POSIXFileSystem())
            try forged.findLookup()
            #expect(!forged.lookupState.isMade(with: .english))
            #expect(throws: IndexLoadError.self) { try forged.openLookup() }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        var random = RandomFilters(seed: 6)
        try withSegmentDirectory { directory in
            let sample = try sample(40, &random, in: directory)
            try sample.segment.buildLookup {}
            let whole = try fileBytes(sample.path)
            let segment = try Segment.open(sample.segment.path, fileSystem: POSIXFileSystem())
            for length in [0, 1, 127, 255, 256, 4_095, 4_096, 4_200, whole.count - 4, whole.count - 1] {
                try writeFile(sample.path, Array(whole.prefix(length)))
                #expect(throws: IndexLoadError.self, "\(length) bytes") { try segment.findLookup(removes: false) }
            }
            #expect(segment.checkIndexes().faults.map(\.path) == [sample.path])
        }
    }

    @Test func theFileOfAnotherSegmentIsRefusedAndItsOwnGoesWithIt() throws {
        var random = RandomFilters(seed: 8)
        try withSegmentDirectory { directory in
            let first = try sample(50, &random, in: directory)
            try first.segment.buildLookup {}
            let bytes = try fileBytes(first.path)
            do {
                let rows = [SampleRow(identifier: "a", metadata: Metadata(["n": .integer(1)]), insertionKey: 1, sequence: 1)]
                let reference = try writeSample(rows, as: .sample(2, dimension: nil), in: directory)
                let second = try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
                try writeFile(directory + "/" + reference.lookupFileName, bytes)
                #expect(throws: IndexLoadError.self) { try second.findLookup() }
                try second.buildLookup {}
                #expect(try POSIXFileSystem().status(directory + "/" + reference.lookupFileName) != nil)
                second.markObsolete()
            }
            let left = try POSIXFileSystem().list(directory).map { directory + "/" + $0 }
            #expect(left.sorted() == [first.path, first.segment.path].sorted())
        }
    }

    @Test func aBuildThatIsEndedLeavesNothing() throws {
        var random = RandomFilters(seed: 9)
        try withSegmentDirectory { directory in
            let sample = try sample(50, &random, in: directory)
            var steps = 0
            #expect(throws: IndexBuildError.cancelled) {
                try sample.segment.buildLookup { () throws(IndexBuildError) in
                    steps += 1
                    if steps == 7 { throw .cancelled }
                }
            }
            #expect(try POSIXFileSystem().list(directory).count == 1)
        }
    }
}
