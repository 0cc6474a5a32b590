import Engine
import VectorModel

/// A collection's configuration as clients write and read it: what the engine uses, and what is only kept for them.
///
/// Stored in a collection's `wireConfiguration` as one JSON object; an empty one stands for the defaults.
struct WireConfiguration {
    var index = IndexConfiguration()
    /// Parameters of Chroma's own index that mean nothing here and are echoed.
    var threads = 2
    var batchSize = 100
    var syncThreshold = 1_000
    var resizeFactor = 1.2
    /// JSON of the embedding function, which the client rebuilds from it; `nil` for none.
    var embeddingFunction: [UInt8]?
    /// JSON of the value types and keys of a schema that the client gave besides the vector index, by name.
    var schemaDefaults: [String: [UInt8]] = [:]
    var schemaKeys: [(name: String, json: [UInt8])] = []

    init() {}

    /// The configuration of a collection that exists.
    init(of collection: CollectionDescription) {
        if !collection.wireConfiguration.isEmpty { restore(collection.wireConfiguration) }
        index = collection.index
    }

    /// Whether an index configuration was given that differs from the defaults.
    var isUsual: Bool {
        index == IndexConfiguration() && threads == 2 && batchSize == 100 && syncThreshold == 1_000 && resizeFactor == 1.2
    }

    /// What `restore` reads.
    func stored() -> [UInt8] {
        var writer = JSONWriter()
        writer.raw(#"{"num_threads":"#)
        writer.integer(threads)
        writer.raw(#","batch_size":"#)
        writer.integer(batchSize)
        writer.raw(#","sync_threshold":"#)
        writer.integer(syncThreshold)
        writer.raw(#","resize_factor":"#)
        writer.double(resizeFactor)
        writer.raw(#","embedding_function":"#)
        writer.raw(embeddingFunction ?? Array("null".utf8))
        writer.raw(#","defaults":{"#)
        writer.members(schemaDefaults.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        writer.raw(#"},"keys":{"#)
        writer.members(schemaKeys.map { ($0.name, $0.json) })
        writer.raw("}}")
        return writer.finishWhole()
    }

    /// Reads what `stored` wrote. What cannot be read keeps its default: the text only decorates answers.
    private mutating func restore(_ text: [UInt8]) {
        var restored = self
        let isRead: Void? = try? JSONDocument.read(RequestBody(text)) { root throws(WireError) in
            restored.threads = root.member("num_threads")?.integer.map { Int($0) } ?? restored.threads
            restored.batchSize = root.member("batch_size")?.integer.map { Int($0) } ?? restored.batchSize
            restored.syncThreshold = root.member("sync_threshold")?.integer.map { Int($0) } ?? restored.syncThreshold
            restored.resizeFactor = root.member("resize_factor")?.number ?? restored.resizeFactor
            if let function = root.member("embedding_function"), !function.isNull { restored.embeddingFunction = function.json }
            restored.readSchemaMembers(defaults: root.member("defaults"), keys: root.member("keys"))
        } failing: { failure in WireError(status: 500, name: "InternalError", message: failure.description, style: .v2) }
        if isRead != nil { self = restored }
    }

    mutating func readSchemaMembers(defaults: JSONValue?, keys: JSONValue?) {
        if let defaults, defaults.kind == .object {
            defaults.forEachMember { (name: String, value: JSONValue) throws(Never) in
                if name != "float_list" { schemaDefaults[name] = value.json }
            }
        }
        if let keys, keys.kind == .object {
            schemaKeys = []
            keys.forEachMember { (name: String, value: JSONValue) throws(Never) in
                if name != "#embedding" { schemaKeys.append((name, value.json)) }
            }
        }
    }
}

extension JSONValue {
    /// This value as text.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finishWhole()
    }
}

extension JSONWriter {
    /// `"name":json,…` without braces.
    mutating func members(_ members: [(String, [UInt8])]) {
        for (position, member) in members.enumerated() {
            if position > 0 { raw(",") }
            string(member.0)
            raw(":")
            raw(member.1)
        }
    }
}
