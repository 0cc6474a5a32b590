import LyricaClient
import Testing

@Suite struct AdministrationTests {
    private func server(_ body: String, status: Int = 200, path: String? = nil, sends: String? = nil) -> ChromaClient {
        FakeServer { _, call in
            if let path { #expect(call.path == path) }
            if let sends { #expect(call.body.map { String(decoding: $0, as: UTF8.self) } == sends) }
            return .success(HTTPReply(status: status, body: Array(body.utf8)))
        }.client
    }

    private static let finding = """
        {"severity":"damage","file":"x.segment","offset":4096,"what":"block","expected":"1","found":"2","collection":"c","remedy":"restore it"}
        """
    private static let verification = """
        {"sound":false,"cancelled":false,"files":3,"bytes":2048,"collections":1,"rows":2,"log_records":4,"finding_count":5,"findings":[\(finding)]}
        """

    @Test func aVerificationTellsItsProgressAndItsFindings() async throws {
        let body = """
            {"progress":{"phase":"checking","bytes_done":1,"bytes_total":9}}
            {"progress":{"phase":"checking","bytes_done":9,"bytes_total":9}}
            {"result":\(Self.verification)}

            """
        var progress: [WorkProgress] = []
        let result = try await server(body, path: "/api/lyrica/v1/verify").verify { progress.append($0) }
        #expect(progress == [1, 9].map { WorkProgress(phase: "checking", bytesDone: $0, bytesTotal: 9) })
        #expect(!result.isSound && result.findings.count == 1 && result.findings[0].offset == 4_096)
        #expect(result.lines == [
            "damaged: 3 files of 2.0 KiB, 1 collection, 2 rows, 4 log records", "damage: x.segment, byte 4096", "  block: expected 1, found 2",
            "  collection c", "  restore it", "and 4 more findings",
        ])
        #expect(JSONValue.object(result.json).jsonText == Self.verification, "the tool's own findings are printed in the server's form")
    }

    @Test func aBackupSaysWhatItIs() async throws {
        let body = """
            {"progress":{"phase":"log","bytes_done":0,"bytes_total":0}}
            {"result":{"name":"monday","sequence":7,"unix_milliseconds":5,"collections":2,"files":3,"bytes":90,"new_bytes":10,\
            "damaged_collections":[{"id":"c","problem":"p"}]}}
            """
        let client = server(body, path: "/api/lyrica/v1/backup", sends: #"{"name":"monday","format":"directory","base":"sunday"}"#)
        let result = try await client.backup(named: "monday", asArchive: false, base: "sunday") { _ in }
        #expect(result.name == "monday" && result.sequence == 7 && result.newBytes == 10)
        #expect(result.damagedCollections.map(\.id) == ["c"])
    }

    @Test func workThatFailsLaterIsAnErrorToo() async {
        let body = """
            {"progress":{"phase":"copying","bytes_done":1,"bytes_total":9}}
            {"error":"ChromaError","message":"the disk is full"}
            """
        await #expect(throws: ClientError.workFailed(name: "ChromaError", message: "the disk is full")) {
            try await server(body).backup(named: nil, asArchive: true, base: nil) { _ in }
        }
        await #expect(throws: ClientError.refused(status: 409, name: "ChromaError", message: "running")) {
            try await server(#"{"error":"ChromaError","message":"running"}"#, status: 409).verify { _ in }
        }
    }

    @Test(arguments: ["", "{}", "[1]", "x", #"{"progress":{}}"#, #"{"result":{}}"#, #"{"result":[]}"#])
    func answersOutsideTheProtocolAreRefused(body: String) async {
        await #expect(throws: ClientError.self) { try await server(body).verify { _ in } }
        await #expect(throws: ClientError.self) { try await server(body).backup(named: nil, asArchive: false, base: nil) { _ in } }
        await #expect(throws: ClientError.self) { try await server(body).storageStatus() }
    }

    @Test func theStateOfTheStorageIsRead() async throws {
        let body = """
            {"version":"1","uptime_seconds":3,"read_only":false,"healthy":false,"memtable_bytes":5,"log":{"files":2,"bytes":9},\
            "damaged_collection_count":8,"damaged_collections":[{"id":"c","access":"read_only","damage":"d"},{"id":"e","access":"refused","damage":"f"}],\
            "problems":["p"]}
            """
        let status = try #require(try await server(body, path: "/api/lyrica/v1/status").storageStatus())
        #expect(!status.isHealthy && status.damagedCollectionCount == 8 && status.problems == ["p"] && status.log?.files == 2)
        #expect(status.damagedCollections == [.init(id: "c", isReadable: true, damage: "d"), .init(id: "e", isReadable: false, damage: "f")])
        #expect(try await server(#"{"detail":"Not Found"}"#, status: 404).storageStatus() == nil, "Chroma has no such page")
    }
}

@Suite struct LineSplitterTests {
    @Test func linesComeOutHoweverTheyAreCut() throws {
        let text = Array("one\n\ntwo\nthree".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [String] = []
            func note(_ line: ArraySlice<UInt8>) { lines.append(String(decoding: line, as: UTF8.self)) }
            for start in stride(from: 0, to: text.count, by: size) {
                try splitter.append(text[start..<min(start + size, text.count)], onLine: note)
            }
            #expect(lines == ["one", "two"])
            try splitter.finish(onLine: note)
            #expect(lines == ["one", "two", "three"], "in pieces of \(size)")
        }
    }
}

@Suite struct UTCTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("2000-02-29T23:59:59.5Z", 951_868_799_500),
        ("2026-01-31T23:59:59Z", 1_769_903_999_000), ("2100-03-01T00:00:00Z", 4_107_542_400_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, UInt64)])
    func momentsAreRead(text: String, milliseconds: UInt64) {
        #expect(UTCTime.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31T23:59:59+01:00", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00,5Z", "+026-01-01T00:00:00Z",
    ])
    func otherTextsAreNone(text: String) {
        #expect(UTCTime.milliseconds(text) == nil)
    }

    @Test func whatIsWrittenIsReadBack() {
        // A prime number of milliseconds a little short of 40 days: passes every month, and leap years of all kinds.
        for step in 0..<20_000 {
            let milliseconds = UInt64(step) * 3_455_999_993
            let text = UTCTime.text(milliseconds: milliseconds)
            #expect(UTCTime.milliseconds(text) == milliseconds, "\(text)")
        }
        #expect(UTCTime.text(milliseconds: 951_868_799_500) == "2000-02-29T23:59:59.500Z")
    }
}
