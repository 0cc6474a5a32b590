extension ChromaClient {
    private static let collectionsPerPage = 500

    private var collectionsPath: String { databasePath + "/collections" }

    func collectionPath(id: String) -> String { "\(collectionsPath)/\(Self.percentEncoded(id))" }

    /// All collections of the database, page by page, in the server's order.
    public func collections() async throws(ClientError) -> [CollectionInfo] {
        var found: [CollectionInfo] = []
        while true {
            let path = "\(collectionsPath)?limit=\(Self.collectionsPerPage)&offset=\(found.count)"
            let answer = try await json(HTTPCall(.get, path, isRepeatable: true))
            guard let page = answer.array else { throw .unexpectedReply("a list of collections that is \(answer.kindName)") }
            for item in page { found.append(try CollectionInfo(item)) }
            if page.count < Self.collectionsPerPage { return found }
        }
    }

    /// - Throws: `.refused` with status 404 when there is none of this name.
    public func collection(named name: String) async throws(ClientError) -> CollectionInfo {
        try await CollectionInfo(json(HTTPCall(.get, "\(collectionsPath)/\(Self.percentEncoded(name))", isRepeatable: true)))
    }

    /// The collection of this name, or `nil` when there is none.
    public func collectionIfExists(named name: String) async throws(ClientError) -> CollectionInfo? {
        do throws(ClientError) {
            return try await collection(named: name)
        } catch .refused(status: 404, _, _) {
            return nil
        } catch {
            throw error
        }
    }

    /// - Parameters:
    ///   - metadata: Not sent when empty, which the protocol forbids.
    ///   - getOrCreate: An existing collection is the answer, unchanged, instead of an error 409.
    public func createCollection(
        named name: String, metric: DistanceMetric, metadata: JSONObject, getOrCreate: Bool
    ) async throws(ClientError) -> CollectionInfo {
        let body = JSONObject([
            .init("name", .string(name)),
            .init("metadata", metadata.members.isEmpty ? .null : .object(metadata)),
            .init("configuration", .object(JSONObject([.init("hnsw", .object(JSONObject([.init("space", .string(metric.rawValue))])))]))),
            .init("get_or_create", .bool(getOrCreate)),
        ])
        return try await CollectionInfo(json(HTTPCall(.post, collectionsPath, body: body.bytes, isRepeatable: getOrCreate)))
    }

    public func deleteCollection(named name: String) async throws(ClientError) {
        _ = try await success(HTTPCall(.delete, "\(collectionsPath)/\(Self.percentEncoded(name))", isRepeatable: false))
    }

    /// The number of records.
    public func count(collectionID: String) async throws(ClientError) -> Int {
        let answer = try await json(HTTPCall(.get, collectionPath(id: collectionID) + "/count", isRepeatable: true))
        guard let count = answer.integer, count >= 0 else { throw .unexpectedReply("a count that is \(answer.kindName)") }
        return count
    }
}

extension JSONObject {
    /// As JSON text.
    var bytes: [UInt8] {
        var output: [UInt8] = []
        JSONWriter.append(self, to: &output)
        return output
    }
}
