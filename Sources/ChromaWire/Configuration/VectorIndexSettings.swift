import Engine
import VectorModel

/// How a collection's vectors are indexed, as clients write and read it: what the engine uses, and what is only kept for them.
struct VectorIndexSettings: Equatable {
    var index = IndexConfiguration()
    /// Parameters of Chroma's own index that mean nothing here and are echoed.
    var threads = 2
    var batchSize = 100
    var syncThreshold = 1_000
    var resizeFactor = 1.2
    var embeddingFunction: EmbeddingFunction?
    /// There once the client has set one of them, or `search_nprobe`, in the configuration, and so is to find them in the schema.
    var spann: SpannSettings?

    /// The embedding function, from which the client rebuilds its own.
    struct EmbeddingFunction: Equatable {
        /// A JSON object.
        var json: [UInt8]
        /// Whether it is the one that clients take when they are given none.
        var isDefault: Bool
    }

    /// Whether nothing about the index differs from the defaults, whatever the embedding function.
    var isUsualIndex: Bool {
        var index = self
        index.embeddingFunction = nil
        return index == VectorIndexSettings()
    }

    /// Whether these say no more than having none would.
    var isUsual: Bool { isUsualIndex && embeddingFunction?.isDefault ?? true }
}
