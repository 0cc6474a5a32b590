/// What lyrica-vectord offers beside the Chroma API, to whoever runs it. Other servers refuse with status 404.
extension ChromaClient {
    private static let root = "/api/lyrica/v1"

    /// What the server does and what is wrong with its storage; `nil` from a server that has no such page.
    public func storageStatus() async throws(ClientError) -> StorageStatus? {
        do throws(ClientError) {
            return try StorageStatus(await json(HTTPCall(.get, Self.root + "/status", isRepeatable: true)))
        } catch .refused(status: 404, _, _) {
            return nil
        } catch {
            throw error
        }
    }

    /// Writes to segments what is only in memory and in the log. Returns when it is durable.
    public func flush() async throws(ClientError) {
        _ = try await success(HTTPCall(.post, Self.root + "/flush", body: Array("{}".utf8), isRepeatable: true))
    }

    /// Has the server read and check everything that it keeps on disk.
    public func verify(progress: (WorkProgress) -> Void) async throws(ClientError) -> VerificationResult {
        try VerificationResult(await result(of: HTTPCall(.post, Self.root + "/verify", body: Array("{}".utf8), isRepeatable: false), progress))
    }

    /// Has the server back itself up below the directory that it was given for that.
    /// - Parameters:
    ///   - name: `nil` lets the server choose one that tells the time.
    ///   - asArchive: a single file instead of a directory.
    ///   - base: an earlier backup, in directory form, to share files with.
    public func backup(
        named name: String?, asArchive: Bool, base: String?, progress: (WorkProgress) -> Void
    ) async throws(ClientError) -> BackupResult {
        var body = JSONObject()
        if let name { body.append("name", .string(name)) }
        body.append("format", .string(asArchive ? "tar" : "directory"))
        if let base { body.append("base", .string(base)) }
        return try BackupResult(await result(of: HTTPCall(.post, Self.root + "/backup", body: body.bytes, isRepeatable: false), progress))
    }

    /// The result of a call that answers with lines: progress, then a result or an error.
    func result(of call: HTTPCall, _ progress: (WorkProgress) -> Void) async throws(ClientError) -> JSONObject {
        var result: JSONObject?
        try await lines(call) { line throws(ClientError) in
            let object = try Self.object(line, call.path)
            if let told = object["progress"]?.object {
                progress(WorkProgress(told))
            } else if let name = object["error"]?.string {
                throw .workFailed(name: name, message: object["message"]?.string ?? "no reason given")
            } else if let found = object["result"]?.object {
                result = found
            } else {
                throw .unexpectedReply("a line of \(call.path) that is neither progress nor a result")
            }
        }
        guard let result else { throw .unexpectedReply("\(call.path) ended without a result; the server may have stopped") }
        return result
    }

    private static func object(_ line: ArraySlice<UInt8>, _ path: String) throws(ClientError) -> JSONObject {
        do throws(JSONSyntaxError) {
            if let object = try JSONParser.parse(Array(line)).object { return object }
        } catch {
            throw .unexpectedReply("a line of \(path) is not JSON, \(error.message)")
        }
        throw .unexpectedReply("a line of \(path) that is no object")
    }
}
