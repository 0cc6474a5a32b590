import LyricaClient
import Testing

@Suite struct ExportTests {
    private let info = """
        {"id":"\(FakeServer.collectionID)","name":"c","dimension":2,"configuration_json":{"hnsw":{"space":"cosine"}},"metadata":null}
        """

    private func collection() throws -> CollectionInfo { try CollectionInfo(JSONParser.parse(info)) }

    private func store(rows: Int, in server: FakeServer) async throws {
        let records = (0..<rows).map { row in
            IngestRecord(
                row: row + 1, id: "r\(row)", document: row.isMultiple(of: 3) ? nil : "d\"\(row)",
                metadata: row.isMultiple(of: 2) ? nil : JSONObject([.init("n", .integer(Int64(row))), .init("f", .number(1))]), uri: nil,
                embedding: [Float(row), 0.1]
            )
        }
        guard !records.isEmpty else { return }
        let body = BatchEncoder(mode: .upsert, usesBase64: false).body(for: records)
        try await server.client.write(.upsert, collectionID: FakeServer.collectionID, body: body)
    }

    @Test(arguments: [0, 1, 6, 7, 50]) func whatIsWrittenCanBeReadBack(rows: Int) async throws {
        let server = FakeServer()
        try await store(rows: rows, in: server)
        let folder = try TemporaryFolder()
        let exporter = Exporter(client: server.client, collection: try collection(), pageSize: 7)
        var told = 0
        let summary = try await exporter.run(prefix: folder.file("out")) { done, _ in told = done }
        #expect(told == rows)
        #expect(summary.rowCount == rows)
        #expect(try folder.names == ["out.jsonl", "out.npy"])

        let input = try IngestInput(path: summary.recordsPath, embeddingsPath: summary.embeddingsPath)
        #expect(input.embeddings?.rowCount == rows)
        #expect(input.embeddings?.dimension == 2)
        var source = try input.records(reader: RecordReader(fields: FieldNames()))
        var row = 0
        while let item = try source.next() {
            let record = try item.result.get()
            #expect(record.id == "r\(row)")
            #expect(record.document == (row.isMultiple(of: 3) ? nil : "d\"\(row)"))
            #expect(record.metadata == (row.isMultiple(of: 2) ? nil : JSONObject([.init("n", .integer(Int64(row))), .init("f", .number(1))])))
            #expect(record.embedding == [Float(row), 0.1])
            row += 1
        }
        #expect(row == rows)
    }

    @Test func theRowCountIsPutIntoTheHeaderAtTheEnd() throws {
        let folder = try TemporaryFolder()
        let writer = try NPYMatrixWriter(path: folder.file("m.npy"), dimension: 3)
        try writer.append([[1, 2, 3]])
        try writer.append([[4, 5, 6], [7, 8, 9]])
        #expect(try folder.names == ["m.npy.partial"])
        try writer.commit()
        let bytes = try folder.read("m.npy")
        #expect(bytes.count == NPYHeader.writtenByteCount + 36)
        #expect(NPYHeader.writtenByteCount.isMultiple(of: 64))
        #expect(String(decoding: bytes[10..<74], as: UTF8.self).hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }   "))
        #expect(bytes[127] == 0x0A)
        #expect(try EmbeddingFile.open(path: folder.file("m.npy")).rows(0..<3) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    }

    @Test func everyRowCountFitsTheHeader() {
        for rows in [0, 9, 10, 1 << 40, Int.max] {
            #expect(NPYHeader.float32Matrix(rows: rows, dimension: EmbeddingFile.dimensionMax).count == NPYHeader.writtenByteCount)
        }
    }

    @Test func aFailureLeavesNoFiles() async throws {
        let server = FakeServer { number, _ in number == 4 ? .failure(.unreachable(url: "x", reason: "gone")) : nil }
        try await store(rows: 20, in: server)
        let folder = try TemporaryFolder()
        let exporter = Exporter(client: server.client, collection: try collection(), pageSize: 7)
        await #expect(throws: ClientError.self) { try await exporter.run(prefix: folder.file("out")) { _, _ in } }
        #expect(try folder.names.isEmpty)
    }

    @Test func aCollectionThatGrowsIsRefused() async throws {
        let grown = FakeServer.ok(.integer(21))
        let server = FakeServer { number, call in number > 2 && call.path.hasSuffix("/count") ? .success(grown) : nil }
        try await store(rows: 20, in: server)
        let folder = try TemporaryFolder()
        let exporter = Exporter(client: server.client, collection: try collection(), pageSize: 50)
        await #expect(throws: ClientError.self) { try await exporter.run(prefix: folder.file("out")) { _, _ in } }
        #expect(try folder.names.isEmpty)
    }
}
