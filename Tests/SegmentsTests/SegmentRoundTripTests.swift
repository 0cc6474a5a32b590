import FileIO
import Indexes
import Segments
import Testing
import TestSupport
import VectorModel

@Suite struct SegmentRoundTripTests {
    @Test(arguments: Seeds.some(12))
    func whatWasWrittenIsRead(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dimension = [nil, 1, 3, 63, 64, 100, 384, 1536][Int(seed % 8)]
        let metric = Metric.allCases[Int(seed % 3)]
        let rows = sampleRows(SampleShape(rows: Int.random(in: 1...700, using: &generator), dimension: dimension), &generator)
        try withSegmentDirectory { directory in
            let reference = try writeSample(rows, as: .sample(7, dimension: dimension, metric: metric), in: directory)
            let segment = try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
            #expect(segment.rowCount == rows.count && segment.dimension == dimension && segment.metric == metric && segment.createdWith == "1.0")
            #expect(segment.hasCodes == (dimension ?? 0 >= 64))
            let cursor = try segment.cursor()
            for row in rows.indices.shuffled(using: &generator) {
                try #require(try cursor.sample(row) == rows[row], "\(Seeds.replay(seed)) row \(row)")
                try #require(try cursor.sampleOfRecord(row) == rows[row], "\(Seeds.replay(seed)) row \(row)")
                #expect(try cursor.find(rows[row].identifier) == row)
            }
            for absent in ["nobody", "1", "0-"] where !rows.contains(where: { $0.identifier == absent }) { #expect(try cursor.find(absent) == nil) }
            #expect(segment.checkEverything() == [], "\(Seeds.replay(seed))")
            #expect(try POSIXFileSystem().list(directory) == [reference.fileName])
        }
    }

    @Test func aRecordHasThePartsAskedForOnly() throws {
        let row = SampleRow(
            identifier: "a", vector: [1, 2], document: "d", uri: "u", metadata: Metadata(["n": .integer(1)]), insertionKey: 1, sequence: 2)
        try withSegmentDirectory { directory in
            let cursor = try openSample([row], as: .sample(dimension: 2), in: directory).cursor()
            let nothing = try cursor.record(0, fields: [])
            #expect(nothing.identifier == "a" && nothing.hasMetadata && nothing.metadata == nil && nothing.document == nil)
            #expect(nothing.withVector { $0 == nil })
            #expect(try cursor.record(0, fields: .uri).uri == "u")
            #expect(try cursor.record(0, fields: .metadata).metadata == row.metadata)
        }
    }

    @Test func aRecordOutlivesCursorAndSegment() throws {
        let document = String(repeating: "long ", count: 50_000)
        let rows = (1...3).map {
            SampleRow(identifier: "\($0)", vector: [1], document: document + "\($0)", uri: nil, metadata: nil, insertionKey: $0, sequence: 1)
        }
        try withSegmentDirectory { directory in
            let records = try {
                let cursor = try openSample(rows, as: .sample(dimension: 1), in: directory).cursor()
                return try rows.indices.map { try cursor.record($0, fields: .all) }
            }()
            #expect(records.map(\.document) == rows.map(\.document))
            #expect(records.map(\.identifier) == ["1", "2", "3"])
        }
    }

    @Test func tenMegabytesOfDocumentAreOneBlock() throws {
        var generator = SeededGenerator(seed: 5)
        // Eight characters that cannot be compressed away for each number.
        let numbers = (0..<1_250_000).map { _ in generator.next() & 0x3F3F_3F3F_3F3F_3F3F + 0x2020_2020_2020_2020 }
        let noise = numbers.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let rows = ["small", noise, "", "small again"].enumerated().map {
            SampleRow(identifier: "\($0)", vector: nil, document: $1, uri: $1.prefix(3) + "", metadata: nil, insertionKey: UInt64($0), sequence: 0)
        }
        try withSegmentDirectory { directory in
            let segment = try openSample(rows, as: .sample(dimension: nil), in: directory)
            let cursor = try segment.cursor()
            for row in rows.indices { #expect(try cursor.sample(row) == rows[row]) }
            #expect(segment.checkEverything() == [])
        }
    }

    @Test func emptyAndAbsentAreDifferent() throws {
        let rows = [
            SampleRow(identifier: "a", vector: nil, document: "", uri: nil, metadata: Metadata([:]), insertionKey: 1, sequence: 1),
            SampleRow(identifier: "b", vector: nil, document: nil, uri: "", metadata: nil, insertionKey: 2, sequence: 1),
            SampleRow(identifier: "c", vector: nil, document: nil, uri: nil, metadata: Metadata(["": .strings([])]), insertionKey: 3, sequence: 1),
        ]
        try withSegmentDirectory { directory in
            let cursor = try openSample(rows, as: .sample(dimension: nil), in: directory).cursor()
            for row in rows.indices { #expect(try cursor.sample(row) == rows[row]) }
        }
    }

    @Test func rowsOfSeveralSourcesAreMerged() throws {
        var generator = SeededGenerator(seed: 9)
        let rows = sampleRows(SampleShape(rows: 300, dimension: 70), &generator)
        try withSegmentDirectory { directory in
            var sources: [any StoredRows] = []
            for (number, part) in [0, 1, 2].enumerated() {
                let own = rows.enumerated().filter { $0.offset % 3 == part }.map(\.element)
                let description = SegmentDescription.sample(UInt64(number), dimension: 70, metric: .cosine)
                sources.append(try openSample(own, as: description, in: directory).cursor())
            }
            let order = rows.indices.map { SegmentRows.Reference(source: $0 % 3, row: $0 / 3) }.filter { $0.row % 2 == 0 }
            let expected = rows.indices.filter { $0 / 3 % 2 == 0 }.map { rows[$0] }
            let reference = try SegmentWriter.write(
                SegmentRows(sources: sources, rows: order), as: .sample(9, dimension: 70, metric: .cosine), in: directory,
                fileSystem: POSIXFileSystem())
            let merged = try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
            let cursor = try merged.cursor()
            #expect(try expected.indices.map { try cursor.sample($0) } == expected)
            #expect(merged.checkEverything() == [])
        }
    }

    @Test(arguments: Metric.allCases)
    func vectorsAreSearchedInPlace(_ metric: Metric) throws {
        var generator = SeededGenerator(seed: 21)
        let rows = sampleRows(SampleShape(rows: 500, dimension: 96), &generator)
        let query = generator.vector(96)
        try withSegmentDirectory { directory in
            let cursor = try openSample(rows, as: .sample(dimension: 96, metric: metric), in: directory).cursor()
            let run = try #require(cursor.vectorRun(part: 3))
            try cursor.ensureVectors(rows: 0..<500)
            try cursor.ensureCodes(rows: 0..<500)
            var accepted = OrdinalSet.all(below: 500)
            try cursor.keepRowsWithVectors(&accepted)
            #expect(accepted.count == rows.count { $0.vector != nil })
            var nearest = TopK(k: 5)
            query.withUnsafeBufferPointer { query in
                FlatSearch(query: query, metric: metric).scan(
                    run, accepted: accepted, into: &nearest, order: { UInt64($0) }, shouldContinue: {})
            }
            let expected = rows.indices.filter { rows[$0].vector != nil }
                .sorted { (distance(query, rows[$0].vector!, metric), $0) < (distance(query, rows[$1].vector!, metric), $1) }
            #expect(nearest.sorted().map { Int($0.ordinal) } == Array(expected.prefix(5)))
            #expect(nearest.sorted().allSatisfy { $0.part == 3 })
        }
    }

    private func distance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
        let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let squares = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        func norm(_ v: [Float]) -> Double { v.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
        return switch metric {
        case .l2: squares
        case .innerProduct: 1 - dot
        case .cosine: norm(a) * norm(b) > 0 ? 1 - dot / (norm(a) * norm(b)) : 1
        }
    }
}

/// Writes rows to a segment and opens it.
func openSample(_ rows: [SampleRow], as description: SegmentDescription, in directory: String) throws -> Segment {
    let reference = try writeSample(rows, as: description, in: directory)
    return try Segment.open(directory + "/" + reference.fileName, fileSystem: POSIXFileSystem(), expecting: reference)
}
