import LyricaClient
import Testing

@Suite struct CheckpointTests {
    private let subject = Checkpoint.Subject(
        collectionID: "c", mode: .upsert, source: SourceFingerprint(byteCount: 1_000, hash: .max), embeddings: SourceFingerprint(byteCount: 9, hash: 1)
    )

    private var checkpoint: Checkpoint {
        Checkpoint(subject: subject, position: RowPosition(rows: 12, byteOffset: 345), isComplete: false)
    }

    @Test func comesBackAsItWasWritten() {
        #expect(Checkpoint(bytes: checkpoint.bytes) == checkpoint)
        var without = checkpoint
        without.subject.embeddings = nil
        without.isComplete = true
        #expect(Checkpoint(bytes: without.bytes) == without)
    }

    @Test func isWrittenAsDocumented() {
        let text =
            #"{"format":"lyrica-checkpoint","version":1,"collection_id":"c","mode":"upsert","source":{"bytes":1000,"hash":"ffffffffffffffff"},"#
            + #""embeddings":{"bytes":9,"hash":"1"},"rows":12,"offset":345,"complete":false}"# + "\n"
        #expect(String(decoding: checkpoint.bytes, as: UTF8.self) == text)
    }

    @Test func noTruncationIsACheckpoint() {
        // The last byte is a line feed, which may be missing.
        for length in 0..<checkpoint.bytes.count - 1 { #expect(Checkpoint(bytes: Array(checkpoint.bytes[..<length])) == nil) }
        for text in ["", "{}", "[]", #"{"format":"lyrica-checkpoint","version":2}"#] { #expect(Checkpoint(bytes: Array(text.utf8)) == nil) }
    }

    @Test func goesOnOnlyWithTheSameSubject() {
        #expect(checkpoint.obstacle(to: subject) == nil)
        var others = Array(repeating: subject, count: 6)
        others[0].collectionID = "d"
        others[1].mode = .add
        others[2].source = SourceFingerprint(byteCount: 1_001, hash: .max)
        others[3].source = SourceFingerprint(byteCount: 1_000, hash: 0)
        others[4].embeddings = nil
        others[5].embeddings = SourceFingerprint(byteCount: 9, hash: 2)
        for other in others { #expect(checkpoint.obstacle(to: other) != nil) }
        var behind = checkpoint
        behind.position = RowPosition(rows: 12, byteOffset: 1_001)
        #expect(behind.obstacle(to: subject) != nil)
    }

    @Test func theFileIsReplacedWhole() throws {
        let folder = try TemporaryFolder()
        let file = CheckpointFile(path: folder.file("c"))
        #expect(try file.startingPosition(for: subject, resumes: true) == .start)
        try file.save(checkpoint)
        var later = checkpoint
        later.position = RowPosition(rows: 20, byteOffset: 500)
        try file.save(later)
        #expect(try file.load() == later)
        #expect(try folder.names == ["c"])
        #expect(try file.startingPosition(for: subject, resumes: true) == later.position)
        #expect(throws: ClientError.self, "an unfinished ingest is not forgotten") { try file.startingPosition(for: subject, resumes: false) }
        later.isComplete = true
        try file.save(later)
        #expect(try file.startingPosition(for: subject, resumes: false) == .start)
        _ = try folder.write("something else", to: "c")
        #expect(throws: ClientError.checkpoint(path: file.path, problem: "is not a checkpoint of this version")) { try file.load() }
    }

    @Test func fingerprintsTellChangedFilesApart() throws {
        var bytes = [UInt8](repeating: 7, count: 3 << 20)
        let first = try SourceFingerprint(of: MemoryBytes(bytes))
        #expect(try SourceFingerprint(of: MemoryBytes(bytes)) == first)
        for place in [0, (1 << 20) - 1, bytes.count - 1] {
            bytes[place] = 8
            #expect(try SourceFingerprint(of: MemoryBytes(bytes)) != first)
            bytes[place] = 7
        }
        #expect(try SourceFingerprint(of: MemoryBytes(bytes + [7])) != first)
        #expect(try SourceFingerprint(of: MemoryBytes([])).byteCount == 0)
    }

    @Test func anUncommittedFileLeavesNothing() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("old", to: "f")
        do {
            let file = try ReplacedFile(path: folder.file("f"))
            try file.append(Array("new".utf8))
        }
        #expect(try folder.names == ["f"])
        #expect(try folder.read("f") == Array("old".utf8))
    }
}
