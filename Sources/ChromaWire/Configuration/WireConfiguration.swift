import Engine
import VectorModel

/// A collection's configuration and schema: what clients may set and read back beside name and metadata.
///
/// Stored in a collection's `wireConfiguration` as one JSON object, whose first member is the schema if and only if it differs from the default:
/// so requests on collections without one need not read it.
struct WireConfiguration {
    /// Of the collection's vectors.
    var vector = VectorIndexSettings()
    /// Of vectors under other keys, which Chroma does not offer yet; `nil` when the same.
    var vectorDefault: VectorIndexSettings?
    var schema = CollectionSchema()

    /// The most that may be stored: embedding functions and schemas are the client's own text.
    static let storedBytesMax = 1 << 20
    private static let schemaStart = Array(#"{"schema":"#.utf8)

    init() {}

    /// The configuration of a collection that exists.
    init(of collection: CollectionDescription) {
        if !collection.wireConfiguration.isEmpty { restore(collection.wireConfiguration) }
        vector.index = collection.index
    }

    /// Whether nothing differs from the defaults.
    var isUsual: Bool { vector.isUsual && vectorDefault?.isUsual ?? true && schema == CollectionSchema() }

    /// Whether a collection's schema differs from the default, so that it may refuse a filter. Cost: O(1).
    static func hasSchema(_ collection: CollectionDescription) -> Bool {
        collection.wireConfiguration.starts(with: schemaStart)
    }

    /// What `restore` reads.
    func stored() -> [UInt8] {
        var writer = JSONWriter()
        if schema == CollectionSchema() {
            writer.raw("{")
        } else {
            writer.raw(Self.schemaStart)
            writer.storedSchema(schema)
            writer.raw(",")
        }
        writer.raw(#""vector":"#)
        writer.vectorIndexConfig(vector, source: nil)
        if let vectorDefault {
            writer.raw(#","vector_default":"#)
            writer.vectorIndexConfig(vectorDefault, source: nil)
        }
        writer.raw("}")
        return writer.finishWhole()
    }

    /// Reads what `stored` wrote. What cannot be read keeps its default: no more is lost than the client's own notes and switches.
    private mutating func restore(_ text: [UInt8]) {
        let dialect = Dialect(version: .v2, userAgent: nil)
        var restored = self
        let isRead: Void? = try? JSONDocument.read(RequestBody(text)) { root throws(WireError) in
            let fields = try JSONFields(root, at: .root, expected: "an object", dialect)
            if let schema = try fields.optional("schema") { try restored.readSchema(schema, at: .root, dialect) }
            if let vector = try fields.optional("vector") {
                try restored.vector.readIndexConfig(vector, at: .root, dialect)
            }
            if let vector = try fields.optional("vector_default") {
                var settings = VectorIndexSettings()
                try settings.readIndexConfig(vector, at: .root, dialect)
                restored.vectorDefault = settings
            }
        } failing: { .syntax($0, dialect) }
        if isRead != nil { self = restored }
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
