/// Indexes of lyrica-vectord. Other servers refuse with status 404.
extension ChromaClient {
    private static let indexPath = "/api/lyrica/v1/index"
    private static let statusesPerPage = 1_000

    /// The indexes of one collection.
    public func indexStatus(collectionID: String) async throws(ClientError) -> IndexStatus {
        let path = "\(Self.indexPath)/status?collection=\(Self.percentEncoded(collectionID))"
        guard let status = try await indexStatuses(path).first else { throw .unexpectedReply("no indexes of the collection that was asked for") }
        return status
    }

    /// The indexes of every collection of the server; `nil` from a server that does not tell.
    public func indexStatuses() async throws(ClientError) -> [IndexStatus]? {
        var found: [IndexStatus] = []
        do throws(ClientError) {
            while true {
                let page = try await indexStatuses("\(Self.indexPath)/status?limit=\(Self.statusesPerPage)&offset=\(found.count)")
                found += page
                if page.count < Self.statusesPerPage { return found }
            }
        } catch .refused(status: 404, _, _) {
            return nil
        } catch {
            throw error
        }
    }

    /// Has indexes built anew, and waits for them.
    /// - Parameter collectionID: `nil` for all collections of the server.
    public func rebuildIndexes(collectionID: String?, progress: (WorkProgress) -> Void) async throws(ClientError) -> IndexRebuildResult {
        try IndexRebuildResult(await result(of: rebuild(collectionID, waits: true), progress))
    }

    /// Has indexes built anew in the background.
    /// - Parameter collectionID: `nil` for all collections of the server.
    /// - Returns: how many will be built.
    public func scheduleIndexRebuild(collectionID: String?) async throws(ClientError) -> Int {
        guard let count = try await json(rebuild(collectionID, waits: false)).object?["scheduled"]?.integer else {
            throw .unexpectedReply("a rebuild of indexes that is neither done nor scheduled")
        }
        return count
    }

    private func rebuild(_ collectionID: String?, waits: Bool) -> HTTPCall {
        var body = JSONObject()
        if let collectionID { body.append("collection", .string(collectionID)) }
        body.append("wait", .bool(waits))
        return HTTPCall(.post, Self.indexPath + "/rebuild", body: body.bytes, isRepeatable: !waits)
    }

    private func indexStatuses(_ path: String) async throws(ClientError) -> [IndexStatus] {
        guard let collections = try await json(HTTPCall(.get, path, isRepeatable: true)).object?["collections"]?.array else {
            throw .unexpectedReply("a status of indexes without collections")
        }
        var statuses: [IndexStatus] = []
        for collection in collections { statuses.append(try IndexStatus(collection)) }
        return statuses
    }
}
