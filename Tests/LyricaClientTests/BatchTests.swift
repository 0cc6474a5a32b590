import LyricaClient
import TestSupport
import Testing

@Suite struct BatchTests {
    private func sizes(_ rowBytes: [Int], rowsMax: Int, bytesMax: Int) -> [Int] {
        var planner = BatchPlanner(rowsMax: rowsMax, bytesMax: bytesMax)
        var sizes = [0]
        for bytes in rowBytes {
            if planner.startsNewBatch(rowBytes: bytes) { sizes.append(0) }
            sizes[sizes.count - 1] += 1
        }
        return sizes
    }

    @Test func cutsByRowsAndByBytes() {
        #expect(sizes([1, 1, 1, 1, 1], rowsMax: 2, bytesMax: 100) == [2, 2, 1])
        #expect(sizes([40, 40, 40, 40], rowsMax: 10, bytesMax: 100) == [2, 2])
        #expect(sizes([50, 50, 1], rowsMax: 10, bytesMax: 100) == [2, 1])
        #expect(sizes([500, 1, 500], rowsMax: 10, bytesMax: 100) == [1, 1, 1])
        #expect(sizes([.max, .max], rowsMax: 10, bytesMax: 100) == [1, 1])
        #expect(sizes([1, 1, 1], rowsMax: 1, bytesMax: 100) == [1, 1, 1])
    }

    private let records = [
        IngestRecord(row: 1, id: "a\"", document: nil, metadata: nil, uri: nil, embedding: [1, -2]),
        IngestRecord(
            row: 2, id: "b", document: "d", metadata: JSONObject([.init("k", .null), .init("n", .integer(1))]), uri: nil, embedding: [0.5, 1e-9]
        ),
        IngestRecord(row: 3, id: "c", document: nil, metadata: JSONObject([.init("k", .null)]), uri: nil, embedding: [0, 0]),
    ]

    private func text(_ mode: WriteMode, usesBase64: Bool) -> String {
        String(decoding: BatchEncoder(mode: mode, usesBase64: usesBase64).body(for: records), as: UTF8.self)
    }

    @Test func writesTheProtocolsForm() {
        #expect(
            text(.add, usesBase64: false)
                == #"{"ids":["a\"","b","c"],"embeddings":[[1.0,-2.0],[0.5,1e-09],[0.0,0.0]],"documents":[null,"d",null],"metadatas":[null,{"n":1},null],"uris":null}"#
        )
        #expect(
            text(.upsert, usesBase64: true)
                == #"{"ids":["a\"","b","c"],"embeddings":["AACAPwAAAMA=","AAAAP19wiTA=","AAAAAAAAAAA="],"documents":[null,"d",null],"metadatas":[null,{"k":null,"n":1},{"k":null}],"uris":null}"#
        )
    }

    @Test(arguments: [31, 32, 33] as [UInt64]) func theTrackerNeverClaimsAGap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var tracker = AcknowledgementTracker(startingAt: RowPosition(rows: 5, byteOffset: 50))
        var waiting = Array(0..<40)
        var acknowledged: Set<Int> = []
        waiting.shuffle(using: &generator)
        for batch in waiting {
            let before = tracker.position
            let moved = tracker.acknowledge(batchNumber: batch, rows: 10, end: RowPosition(rows: 15 + batch * 10, byteOffset: 150 + batch * 100))
            acknowledged.insert(batch)
            let contiguous = (0...40).first { !acknowledged.contains($0) } ?? 40
            #expect(tracker.position.rows == 5 + contiguous * 10)
            #expect(tracker.position.byteOffset == 50 + contiguous * 100)
            #expect(moved == (tracker.position != before))
            #expect(tracker.rowsAcknowledged == 5 + acknowledged.count * 10)
        }
        #expect(tracker.position.rows == 405)
    }
}
