import LyricaClient
import Synchronization

/// A server in memory behind the transport protocol: one collection that takes writes and gives pages, and fails as told.
final class FakeServer: HTTPTransport {
    private struct State {
        var order: [String] = []
        var records: [String: JSONObject] = [:]
        var calls = 0
        var writes = 0
    }

    static let collectionID = "00000000-0000-4000-8000-000000000001"

    private let state = Mutex(State())
    /// What a call is answered instead of being served; the argument is its number, from 1.
    private let fault: @Sendable (_ call: Int, HTTPCall) -> Result<HTTPReply, ClientError>?

    init(fault: @escaping @Sendable (_ call: Int, HTTPCall) -> Result<HTTPReply, ClientError>? = { _, _ in nil }) {
        self.fault = fault
    }

    var ids: [String] { state.withLock { $0.order } }
    var calls: Int { state.withLock { $0.calls } }
    var writes: Int { state.withLock { $0.writes } }

    var client: ChromaClient { ChromaClient(transport: self, tenant: "t", database: "d") }

    func send(_ call: HTTPCall) async throws(ClientError) -> HTTPReply {
        let number = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        if let answer = fault(number, call) { return try answer.get() }
        let body = call.body.flatMap { (try? JSONParser.parse($0))?.object }
        if call.path.hasSuffix("/upsert"), let body { return store(body) }
        if call.path.hasSuffix("/get"), let body { return page(body) }
        if call.path.hasSuffix("/count") { return Self.ok(.integer(Int64(ids.count))) }
        return HTTPReply(status: 404, body: Array(#"{"error":"NotFoundError","message":"no such route"}"#.utf8))
    }

    private func store(_ body: JSONObject) -> HTTPReply {
        state.withLock { state in
            state.writes += 1
            for (row, id) in (body["ids"]?.array ?? []).enumerated() {
                guard let id = id.string else { continue }
                var record = JSONObject([.init("id", .string(id))])
                for key in ["embeddings", "documents", "metadatas", "uris"] { record.append(key, body[key]?.array?[row] ?? .null) }
                if state.records.updateValue(record, forKey: id) == nil { state.order.append(id) }
            }
        }
        return Self.ok(.object(JSONObject()))
    }

    private func page(_ body: JSONObject) -> HTTPReply {
        let records = state.withLock { state in
            state.order.dropFirst(body["offset"]?.integer ?? 0).prefix(body["limit"]?.integer ?? .max).compactMap { state.records[$0] }
        }
        var answer = JSONObject([.init("ids", .array(records.map { $0["id"] ?? .null }))])
        for key in ["embeddings", "documents", "metadatas", "uris"] { answer.append(key, .array(records.map { $0[key] ?? .null })) }
        return Self.ok(.object(answer))
    }

    static func ok(_ value: JSONValue) -> HTTPReply { HTTPReply(status: 200, body: Array(value.jsonText.utf8)) }
}
