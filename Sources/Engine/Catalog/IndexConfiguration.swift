public import TextSearch
public import VectorModel

/// Which index a collection's sealed parts get.
public enum IndexChoice: UInt8, CaseIterable, Sendable {
    /// None while a part is small, a graph beyond, lists where the graph would need more memory than there is.
    case automatic = 0
    /// None: every search is exact.
    case flat = 1
    case hnsw = 2
    case ivf = 3
}

/// How a collection's vectors are kept and searched, and in which language its documents are.
///
/// The parameters carry the names of the literature: HNSW (Malkov & Yashunin, doi:10.1109/TPAMI.2018.2889473) and inverted files
/// (Jégou, Douze & Schmid, doi:10.1109/TPAMI.2010.57).
public struct IndexConfiguration: Hashable, Sendable {
    public var metric: Metric
    public var choice: IndexChoice
    /// How the floats of a vector are stored. Chosen when the collection is made.
    public var element: VectorElement
    /// Links per node of the upper layers (`max_neighbors`, `hnsw:M`); the lowest layer has twice as many, rounded up to a multiple of 32.
    public var M: Int
    public var efConstruction: Int
    public var efSearch: Int
    /// Lists of an inverted file; `nil`: about 6·√n.
    public var nlist: Int?
    /// Lists that a query looks into; `nil`: chosen from `nlist`.
    public var nprobe: Int?
    /// What the words of documents and of queries that name no language are taken for.
    public var language: DocumentLanguage

    public init(
        metric: Metric = .l2, choice: IndexChoice = .automatic, element: VectorElement = .float32, M: Int = 16, efConstruction: Int = 100,
        efSearch: Int = 100, nlist: Int? = nil, nprobe: Int? = nil, language: DocumentLanguage = .any
    ) {
        self.metric = metric
        self.choice = choice
        self.element = element
        self.M = M
        self.efConstruction = efConstruction
        self.efSearch = efSearch
        self.nlist = nlist
        self.nprobe = nprobe
        self.language = language
    }
}
