public import Engine
import TextSearch
public import VectorModel

/// What the parameters of an index may be: wide enough for whatever helps, and bounded, so that no request keeps the server busy without end.
public enum IndexLimits {
    /// `max_neighbors`, `hnsw:M`. Beyond some dozens links cost more than they find; clients' own tests go to 1,000.
    public static let M = 1...1_024
    public static let efConstruction = 1...65_536
    /// `ef_search`, of a collection or of one query.
    public static let efSearch = 1...65_536
    /// Lists of an inverted file.
    public static let nlist = 1...1_048_576
    /// Lists that a query looks into.
    public static let nprobe = 1...1_048_576
    /// Candidates per result whose distances are computed from the stored vectors.
    public static let rerank = 1...1_000
    /// How long a collection's records live: up to 300 years.
    public static let ttlSeconds = 1...10_000_000_000
    /// The names of the languages that documents may be in; the first stands for any.
    public static let languages = [anyLanguage] + StemmingLanguage.allCases.map(\.rawValue)
    fileprivate static let anyLanguage = "none"
}

extension DocumentLanguage {
    /// As clients write it.
    var name: String { stemming?.rawValue ?? IndexLimits.anyLanguage }

    /// Without its stop words, if there is a list of them.
    init?(name: String) {
        let stemming = StemmingLanguage(rawValue: name)
        guard stemming != nil || name == IndexLimits.anyLanguage else { return nil }
        self.init(stemming)
    }
}

extension IndexChoice {
    /// As clients write it.
    public var name: String {
        switch self {
        case .automatic: "auto"
        case .flat: "flat"
        case .hnsw: "hnsw"
        case .ivf: "ivf"
        }
    }

    init?(name: String) {
        guard let choice = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = choice
    }
}

extension VectorElement {
    /// As clients write it.
    public var name: String {
        switch self {
        case .float32: "float32"
        case .float16: "float16"
        }
    }

    init?(name: String) {
        guard let element = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = element
    }
}
