import ChromaWire
import Engine
import Foundation
import Testing
import VectorModel

@Suite struct AdministrationTests {
    private let encoder = ResponseEncoder(dialect: Wire.current)

    private func object(_ bytes: WireBytes) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(Wire.text(bytes).utf8)) as? [String: Any])
    }

    private static let indexes = [
        CollectionIndexReport(
            collection: CollectionIdentifier("00000000-0000-4000-8000-000000000001")!, choice: .automatic, element: .float16, hnswRows: 5, ivfRows: 0,
            flatRows: 2, pendingRows: 1, isBuilding: true, bytes: 640),
        CollectionIndexReport(
            collection: CollectionIdentifier("00000000-0000-4000-8000-000000000002")!, choice: .ivf, element: .float32, hnswRows: 0, ivfRows: 7,
            flatRows: 0, pendingRows: 0, isBuilding: false, bytes: 60),
    ]

    private func status(_ storage: StorageReport, log: DatabaseStatus.Log?) -> ServerStatus {
        ServerStatus(
            version: "1.2.3", uptimeSeconds: 5, allowsBackups: true,
            database: DatabaseStatus(isReadOnly: log == nil, collections: 7, memtableBytes: 9, log: log, storage: storage),
            indexes: Self.indexes)
    }

    @Test func aHealthyServerSaysSo() throws {
        let log = DatabaseStatus.Log(files: 2, recycledFiles: 1, bytes: 300, lastDurable: SequenceNumber(11), lastSynced: SequenceNumber(10))
        #expect(Wire.text(encoder.status(status(StorageReport(), log: log))) == #"""
            {"version":"1.2.3","uptime_seconds":5,"read_only":false,"backups":true,"healthy":true,"collections":7,"memtable_bytes":9,\#
            "indexes":{"rows":15,"hnsw_rows":5,"ivf_rows":7,"flat_rows":2,"pending_rows":1,"building_collections":1,"bytes":700},\#
            "log":{"files":2,"recycled_files":1,"bytes":300,"last_durable":11,"last_synced":10,"archive_failure":null},"damaged_collection_count":0,\#
            "damaged_collections":[],"problems":[]}
            """#)
    }

    @Test func damageAndProblemsAreNamedUpToALimitAndCounted() throws {
        var report = StorageReport()
        report.damagedCollections = (0..<1_500).map { number in
            let digits = String(number)
            let identifier = CollectionIdentifier("00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)!
            return .init(collection: identifier, isReadable: number == 0, damage: "a \"quoted\" place")
        }
        report.problems = ["no space"]
        let answer = try object(encoder.status(status(report, log: nil)))
        #expect(answer["healthy"] as? Bool == false)
        #expect(answer["read_only"] as? Bool == true)
        #expect(answer["log"] is NSNull)
        #expect(answer["damaged_collection_count"] as? Int == 1_500)
        #expect(answer["problems"] as? [String] == ["no space"])
        let damaged = try #require(answer["damaged_collections"] as? [[String: String]])
        #expect(damaged.count == ServerStatus.namedMax)
        #expect(damaged[0] == ["id": "00000000-0000-4000-8000-000000000000", "access": "read_only", "damage": "a \"quoted\" place"])
        #expect(damaged[1]["access"] == "refused")
    }

    @Test func indexesAreToldByCollection() {
        #expect(Wire.text(encoder.indexReports(Self.indexes, total: 9, buildProgress: 0.25)) == #"""
            {"total":9,"collections":[{"id":"00000000-0000-4000-8000-000000000001","index":"auto","vector_type":"float16","rows":8,"hnsw_rows":5,\#
            "ivf_rows":0,"flat_rows":2,"pending_rows":1,"building":true,"build_progress":0.25,\#
            "bytes":640},{"id":"00000000-0000-4000-8000-000000000002","index":"ivf",\#
            "vector_type":"float32","rows":7,"hnsw_rows":0,"ivf_rows":7,"flat_rows":0,"pending_rows":0,"building":false,"build_progress":null,\#
            "bytes":60}]}
            """#)
    }

    @Test(arguments: Wire.all)
    func theStateOfIndexingIsToldInRecords(dialect: Dialect) {
        let encoder = ResponseEncoder(dialect: dialect)
        func text(_ status: IndexingStatus) -> String { Wire.text(encoder.indexingStatus(status)) }
        #expect(text(IndexingStatus(total: 8, indexed: 6))
            == #"{"op_indexing_progress":0.75,"num_unindexed_ops":2,"num_indexed_ops":6,"total_ops":8}"#)
        #expect(text(IndexingStatus(total: 0, indexed: 0)).hasPrefix(#"{"op_indexing_progress":1.0,"#))
        #expect(text(IndexingStatus(total: 8, indexed: 6, buildProgress: 0.5)).hasSuffix(#""total_ops":8,"build_progress":0.5}"#))
    }

    @Test func aRebuildIsAskedForAndAnswered() throws {
        let identifier = try #require(CollectionIdentifier("00000000-0000-4000-8000-000000000001"))
        func read(_ text: String) throws -> IndexRebuildRequest { try Wire.decoder().indexRebuild(RequestBody(text)) }
        #expect(try read("") == IndexRebuildRequest())
        #expect(try read("{}") == IndexRebuildRequest(collection: nil, waits: true))
        #expect(try read(#"{"collection":"\#(identifier)","wait":false}"#) == IndexRebuildRequest(collection: identifier, waits: false))
        #expect(Wire.failure { _ = try read(#"{"collection":"psalms"}"#) } == "400 InvalidArgumentError: Collection ID is not a valid UUIDv4")
        for bad in [#"{"colection":"x"}"#, #"{"wait":1}"#, #"{"collection":5}"#, "[]"] {
            #expect(Wire.failure { _ = try read(bad) }.hasPrefix("422 ChromaError: "), "\(bad)")
        }
        #expect(Wire.text(encoder.progress(IndexRebuildProgress(rowsDone: 3, rowsTotal: 8)))
            == #"{"progress":{"phase":"indexing","rows_done":3,"rows_total":8}}"# + "\n")
        let report = IndexRebuildReport(
            collections: 1, indexes: 2, rows: 8, bytes: 9, failures: (0..<1_001).map { "part \($0)" }, wasCancelled: false)
        let result = try #require(try object(encoder.result(report))["result"] as? [String: Any])
        #expect(result["failure_count"] as? Int == 1_001)
        #expect((result["failures"] as? [String])?.count == ResponseEncoder.findingsMax)
        #expect(Wire.text(encoder.rebuildScheduled(indexes: 4)) == #"{"scheduled":4}"#)
    }

    @Test func everyLineOfALongAnswerIsOneLineOfJSON() throws {
        let failure = WireError(.targetTaken("a\nb"), dialect: Wire.current)
        for line in [encoder.progressUnknown(), encoder.result(VerificationReport()), encoder.errorLine(failure)] {
            let text = Wire.text(line)
            #expect(text.hasSuffix("\n") && text.dropLast().contains("\n") == false, "\(text)")
            _ = try object(line)
        }
        #expect(try object(encoder.errorLine(failure))["error"] as? String == "ChromaError")
    }

    @Test func aBackupThatWasMadeIsDescribed() async throws {
        try await Wire.withDatabase { database in
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("wire-backup-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            _ = try await database.createCollection(
                CollectionCreation(name: "abc"), tenant: "default_tenant", database: "default_database")
            let report = try await database.backup(to: .directory(path))
            let result = try #require(try object(encoder.result(report, name: "a\nb"))["result"] as? [String: Any])
            #expect(result["name"] as? String == "a\nb")
            #expect(result["sequence"] as? UInt64 == report.sequence.rawValue)
            #expect(result["collections"] as? Int == 1)
            #expect(result["bytes"] as? Int == report.bytes)
            #expect((result["damaged_collections"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func aBackupsFailureHasTheStatusOfWhoeverMustAct() {
        let table: [(BackupError, String)] = [
            (.readOnly, "403 ChromaError"), (.invalid("x"), "400 InvalidArgumentError"), (.targetTaken("x"), "409 ChromaError"),
            (.notABackup("x"), "400 InvalidArgumentError"), (.unreadable("x"), "500 InternalError"), (.cancelled, "400 InvalidArgumentError"),
        ]
        for (error, expected) in table {
            let worded = WireError(error, dialect: Wire.current)
            #expect("\(worded.status) \(worded.name)" == expected && worded.message == error.description)
        }
        let message = WireError.backupsNotConfigured(dialect: Wire.current)
        #expect(message.status == 403 && message.message.contains("--backup-dir"))
    }

    @Test func aBackupIsAskedForByName() throws {
        let decoder = Wire.decoder()
        #expect(try decoder.backup(RequestBody("")) == BackupRequest())
        #expect(try decoder.backup(RequestBody("{}")) == BackupRequest())
        #expect(try decoder.backup(RequestBody(#"{"name":null,"format":null,"base":null}"#)) == BackupRequest())
        #expect(try decoder.backup(RequestBody(#"{"name":"a.b_c-1","base":"_x"}"#)) == BackupRequest(name: "a.b_c-1", base: "_x"))
        #expect(try decoder.backup(RequestBody(#"{"name":"a","format":"tar"}"#)) == BackupRequest(name: "a", format: .tar))
    }

    @Test(arguments: [
        "", ".", "..", "../x", "a/b", "/etc", "a\\b", "-rf", ".hidden", "a b", "a\u{0}b", "ä", "x.tmp", "x.parts", "a\n",
    ])
    func noNameLeadsOutOfTheDirectory(name: String) throws {
        let quoted = String(decoding: try JSONSerialization.data(withJSONObject: name, options: .fragmentsAllowed), as: UTF8.self)
        for field in ["name", "base"] {
            let failure = Wire.failure { _ = try Wire.decoder().backup(RequestBody("{\"\(field)\":\(quoted)}")) }
            #expect(failure.hasPrefix("400 InvalidArgumentError: Validation error: \(field): must be 1 to 128"), "\(failure)")
        }
    }

    @Test func aNameHasALimit() throws {
        let longest = String(repeating: "n", count: BackupRequest.nameBytesMax)
        #expect(try Wire.decoder().backup(RequestBody("{\"name\":\"\(longest)\"}")).name == longest)
        #expect(Wire.failure { _ = try Wire.decoder().backup(RequestBody("{\"name\":\"\(longest)n\"}")) }.hasPrefix("400"))
    }

    @Test(arguments: [
        (#"{"nme":"a"}"#, "422 ChromaError"), (#"{"name":1}"#, "422 ChromaError"), (#"{"name":["a"]}"#, "422 ChromaError"), ("[]", "422 ChromaError"),
        (#"{"name":"a","name":"b"}"#, "422 ChromaError"), ("{", "400 InvalidArgumentError"), (#"{"format":"zip"}"#, "400 InvalidArgumentError"),
        (#"{"format":7}"#, "422 ChromaError"), (#"{"format":"tar","base":"a"}"#, "400 InvalidArgumentError"),
    ])
    func whatIsNoBackupRequestIsRefused(body: String, expected: String) {
        #expect(Wire.failure { _ = try Wire.decoder().backup(RequestBody(body)) }.hasPrefix(expected))
    }

    @Test func aRequestWithNothingToSayHasNoFields() {
        #expect(Wire.failure { try Wire.decoder().nothing(RequestBody("")) } == "no error")
        #expect(Wire.failure { try Wire.decoder().nothing(RequestBody("{}")) } == "no error")
        for body in [#"{"a":1}"#, "[]", "null", "1"] {
            #expect(Wire.failure { try Wire.decoder().nothing(RequestBody(body)) }.hasPrefix("422"), "\(body)")
        }
        #expect(Wire.failure { try Wire.decoder().nothing(RequestBody("{")) }.hasPrefix("400"))
    }
}
