import FileIO
import Indexes
import Quantization
import Segments
import Testing
import TestSupport
import VectorModel

/// Segments whose vectors are float16: the rounded numbers, in half the bytes, and nothing else is different.
@Suite struct SegmentFloat16Tests {
    @Test(arguments: Seeds.some(6))
    func whatWasWrittenIsReadRounded(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dimension = [1, 3, 63, 64, 100, 385][Int(seed % 6)]
        let metric = Metric.allCases[Int(seed % 3)]
        let rows = sampleRows(SampleShape(rows: Int.random(in: 1...300, using: &generator), dimension: dimension), &generator)
        let expected = rows.map(\.rounded)
        try withSegmentDirectory { directory in
            let segment = try openSample(rows, as: .sample(7, dimension: dimension, metric: metric, element: .float16), in: directory)
            #expect(segment.element == .float16 && segment.dimension == dimension && segment.hasCodes == (dimension >= 64))
            let cursor = try segment.cursor()
            for row in rows.indices.shuffled(using: &generator) {
                try #require(try cursor.sample(row) == expected[row], "\(Seeds.replay(seed)) row \(row)")
                try #require(try cursor.sampleOfRecord(row) == expected[row], "\(Seeds.replay(seed)) row \(row)")
                var copy = [Float](repeating: -7, count: dimension + 1)
                try cursor.copyVector(of: row, into: &copy)
                #expect(copy == (expected[row].vector ?? [Float](repeating: 0, count: dimension)) + [-7])
            }
            #expect(segment.checkEverything() == [], "\(Seeds.replay(seed))")
        }
    }

    @Test func vectorsTakeHalfTheBytes() throws {
        var generator = SeededGenerator(seed: 3)
        let rows = sampleRows(SampleShape(rows: 300, dimension: 384), &generator)
        try withSegmentDirectory { directory in
            let floats = try writeSample(rows, as: .sample(1, dimension: 384), in: directory)
            let halves = try writeSample(rows, as: .sample(2, dimension: 384, element: .float16), in: directory)
            // And the checksums of some blocks less.
            #expect((300 * 384 * 2...300 * 384 * 2 + 64).contains(floats.fileBytes - halves.fileBytes))
        }
    }

    /// From memory to disk, and from segment to segment, nothing changes any more.
    @Test func flushAndMergeChangeNothing() throws {
        var generator = SeededGenerator(seed: 4)
        let table = Memtable(metric: .cosine, dimension: 70, element: .float16)
        let vectors = (0..<90).map { _ in generator.vector(70) }
        for (index, vector) in vectors.enumerated() {
            vector.withUnsafeBufferPointer { vector in
                table.append("\(index)", RecordParts(vector: vector), insertionKey: UInt64(index), sequence: SequenceNumber(1))
            }
        }
        let inMemory = table.reader().copy(without: Tombstones()).reader()
        try withSegmentDirectory { directory in
            let description = SegmentDescription.sample(1, dimension: 70, metric: .cosine, element: .float16)
            let flushed = try SegmentWriter.write(SegmentRows(all: table.reader()), as: description, in: directory, fileSystem: POSIXFileSystem())
            let first = try Segment.open(directory + "/" + flushed.fileName, fileSystem: POSIXFileSystem(), expecting: flushed).cursor()
            var second = description
            second.number = 2
            let merged = try SegmentWriter.write(SegmentRows(all: first), as: second, in: directory, fileSystem: POSIXFileSystem())
            let last = try Segment.open(directory + "/" + merged.fileName, fileSystem: POSIXFileSystem(), expecting: merged).cursor()
            for row in vectors.indices {
                let expected = SampleRow.rounded(vectors[row])
                #expect(try table.reader().withVector(of: row) { $0.map(Array.init) } == expected)
                #expect(try inMemory.withVector(of: row) { $0.map(Array.init) } == expected)
                #expect(try first.withVector(of: row) { $0.map(Array.init) } == expected)
                #expect(try last.withVector(of: row) { $0.map(Array.init) } == expected)
            }
        }
    }

    @Test(arguments: Metric.allCases)
    func searchesFindTheNearestOfTheRoundedVectors(_ metric: Metric) throws {
        var generator = SeededGenerator(seed: 21)
        let rows = sampleRows(SampleShape(rows: 500, dimension: 96), &generator)
        let queries = (0..<15).map { _ in generator.vector(96) }
        try withSegmentDirectory { directory in
            let halves = try openSample(rows, as: .sample(1, dimension: 96, metric: metric, element: .float16), in: directory).cursor()
            let floats = try openSample(rows.map(\.rounded), as: .sample(2, dimension: 96, metric: metric), in: directory).cursor()
            let found = try answers(halves, queries, metric)
            let expected = try answers(floats, queries, metric)
            #expect(found.map { $0.map(\.ordinal) } == expected.map { $0.map(\.ordinal) })
            #expect(found.map { $0.map(\.distance.bitPattern) } == expected.map { $0.map(\.distance.bitPattern) })
        }
    }

    private func answers(_ cursor: SegmentCursor, _ queries: [[Float]], _ metric: Metric) throws -> [[Candidate]] {
        let run = try #require(cursor.vectorRun())
        try cursor.ensureVectors(rows: 0..<cursor.rowCount)
        try cursor.ensureCodes(rows: 0..<cursor.rowCount)
        var accepted = OrdinalSet.all(below: cursor.rowCount)
        try cursor.keepRowsWithVectors(&accepted)
        var nearest = [TopK](repeating: TopK(k: 5), count: queries.count)
        return queries.flatMap { $0 }.withUnsafeBufferPointer { flat in
            let search = FlatBatchSearch(queries: flat, dimension: 96, metric: metric)
            search.scan(run, accepted: accepted, into: &nearest, order: { UInt64($0) }, shouldContinue: {})
            return queries.indices.map { query in
                search.refined(query, nearest[query]) { cursor.announcedVector(of: Int($0.ordinal)) }
            }
        }
    }

    @Test func whatFloat16CannotHoldIsRefused() throws {
        let rows = [[1, 65_504], [2, 65_505]].enumerated().map {
            SampleRow(
                identifier: "\($0)", vector: $1, document: nil, uri: nil, metadata: nil, insertionKey: UInt64($0), sequence: 1)
        }
        try withSegmentDirectory { directory in
            let error = #expect(throws: SegmentWriteError.self) {
                try writeSample(rows, as: .sample(dimension: 2, element: .float16), in: directory)
            }
            let isSecondRow = if case .unusableRow(1, _)? = error { true } else { false }
            let left = try POSIXFileSystem().list(directory)
            #expect(isSecondRow && left == [])
        }
    }
}

extension SampleRow {
    /// The row as a segment of float16 gives it back.
    var rounded: SampleRow {
        var row = self
        row.vector = vector.map(Self.rounded)
        return row
    }

    static func rounded(_ vector: [Float]) -> [Float] {
        var vector = vector
        vector.withUnsafeMutableBufferPointer { Float16Vectors.round($0.baseAddress!, count: $0.count) }
        return vector
    }
}
