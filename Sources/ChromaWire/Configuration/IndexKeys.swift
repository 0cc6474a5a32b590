import Engine
import TextSearch
import VectorModel

/// The `lyrica:…` keys of a collection's metadata: how clients that know nothing of this server choose an index.
///
/// They stay in the metadata, as `hnsw:…` keys do, so that clients read them back.
struct IndexKeys: Equatable {
    private enum Name: String, CaseIterable {
        case index = "lyrica:index"
        case vectorType = "lyrica:vector_type"
        case nlist = "lyrica:nlist"
        case nprobe = "lyrica:nprobe"
        case ttlSeconds = "lyrica:ttl_seconds"
        case language = "lyrica:language"
        case stopWords = "lyrica:stop_words"
    }

    private static let prefix = "lyrica:"

    var choice: IndexChoice?
    var element: VectorElement?
    var nlist: Int?
    var nprobe: Int?
    var language: DocumentLanguage?
    /// Whether stop words are left out.
    var stopWords: Bool?

    /// Whether the metadata has none of them.
    var isEmpty: Bool { self == IndexKeys() }

    private init() {}

    /// Reads the keys. One that begins like them and is none of them is refused: a slip of the pen must not pass for a setting.
    /// - Parameter field: where the metadata stands in the request.
    init(_ metadata: Metadata, field: String, _ dialect: Dialect) throws(WireError) {
        for entry in metadata.fields where entry.key.hasPrefix(Self.prefix) {
            guard let problem = set(entry.key, entry.value) else { continue }
            throw .rule("Validation error: \(field): \(entry.key) \(problem)", version1: "\(field): \(entry.key) \(problem)", dialect)
        }
    }

    /// - Returns: what is wrong with the value.
    private mutating func set(_ key: String, _ value: MetadataValue?) -> String? {
        guard let name = Name(rawValue: key) else {
            return "is not known; keys that begin with \(Self.prefix) are " + Self.listed(Name.allCases.map(\.rawValue))
        }
        switch name {
        case .index:
            choice = Self.text(value).flatMap { IndexChoice(name: $0) }
            return choice == nil ? "must be one of " + Self.listed(IndexChoice.allCases.map(\.name)) : nil
        case .vectorType:
            element = Self.text(value).flatMap { VectorElement(name: $0) }
            return element == nil ? "must be one of " + Self.listed(VectorElement.allCases.map(\.name)) : nil
        case .nlist:
            nlist = Self.number(value, in: IndexLimits.nlist)
            return nlist == nil ? Self.expected(IndexLimits.nlist) : nil
        case .nprobe:
            nprobe = Self.number(value, in: IndexLimits.nprobe)
            return nprobe == nil ? Self.expected(IndexLimits.nprobe) : nil
        // No setting of the index: the engine reads it when records are written.
        case .ttlSeconds: return Self.number(value, in: IndexLimits.ttlSeconds) == nil ? Self.expected(IndexLimits.ttlSeconds) : nil
        case .language:
            language = Self.text(value).flatMap { DocumentLanguage(name: $0) }
            return language == nil ? "must be one of " + Self.listed(IndexLimits.languages) : nil
        case .stopWords:
            guard case .boolean(let isSet) = value else { return "must be true or false" }
            stopWords = isSet
            return nil
        }
    }

    private static func text(_ value: MetadataValue?) -> String? {
        guard case .string(let text) = value else { return nil }
        return text
    }

    private static func number(_ value: MetadataValue?, in range: ClosedRange<Int>) -> Int? {
        guard case .integer(let number) = value, let number = Int(exactly: number), range.contains(number) else { return nil }
        return number
    }

    private static func expected(_ range: ClosedRange<Int>) -> String {
        "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func listed(_ names: [String]) -> String { names.joined(separator: ", ") }
}

extension VectorIndexSettings {
    /// Lays the keys of a new collection's metadata over what its configuration says.
    /// - Throws: where the two contradict each other, or the keys one another.
    mutating func take(_ keys: IndexKeys, _ dialect: Dialect) throws(WireError) {
        if let choice = keys.choice {
            if index.choice == .ivf, choice != .ivf {
                throw Self.conflict(
                    "lyrica:index is \(choice.name), and the spann part of the configuration asks for ivf; leave one of them out", dialect)
            }
            let usual = IndexConfiguration()
            let isGraphConfigured = index.M != usual.M || index.efConstruction != usual.efConstruction || index.efSearch != usual.efSearch
            if isGraphConfigured, choice == .flat || choice == .ivf {
                throw Self.conflict("lyrica:index is \(choice.name), and parameters of hnsw are set; leave one of them out", dialect)
            }
        }
        if let nprobe = keys.nprobe, let configured = index.nprobe, nprobe != configured {
            throw Self.conflict("lyrica:nprobe is \(nprobe), and search_nprobe of the configuration is \(configured); leave one of them out", dialect)
        }
        index.element = keys.element ?? index.element
        try replace(by: keys, dialect)
    }

    /// Changes an existing collection as the keys of its new metadata say. What they leave out stays as it is.
    /// - Throws: where they contradict one another or ask for another kind of number.
    mutating func change(by keys: IndexKeys, _ dialect: Dialect) throws(WireError) {
        if let element = keys.element, element != index.element {
            throw Self.conflict("lyrica:vector_type cannot be changed; the collection was made with \(index.element.name)", dialect)
        }
        try replace(by: keys, dialect)
    }

    private mutating func replace(by keys: IndexKeys, _ dialect: Dialect) throws(WireError) {
        if let choice = keys.choice, choice != index.choice {
            index.choice = choice
            if !choice.mayHaveLists {
                index.nlist = nil
                index.nprobe = nil
                spann = nil
            }
        }
        index.nlist = keys.nlist ?? index.nlist
        index.nprobe = keys.nprobe ?? index.nprobe
        try checkLists(dialect)
        try replaceLanguage(by: keys, dialect)
    }

    /// Another language begins without its stop words.
    private mutating func replaceLanguage(by keys: IndexKeys, _ dialect: Dialect) throws(WireError) {
        if let language = keys.language, language.stemming != index.language.stemming { index.language = language }
        guard let leavesOut = keys.stopWords else { return }
        guard index.language.hasStopWords || !leavesOut else {
            throw Self.conflict(
                "lyrica:stop_words is true, and there is no list of stop words for the language \(index.language.name); leave it out", dialect)
        }
        index.language = DocumentLanguage(index.language.stemming, keepsStopWords: !leavesOut)
    }

    /// Whether what is said of the lists of an inverted file has a meaning.
    func checkLists(_ dialect: Dialect) throws(WireError) {
        guard index.choice.mayHaveLists || index.nlist == nil && index.nprobe == nil else {
            throw Self.conflict(
                "nlist and nprobe have no meaning with the index \(index.choice.name); leave them out, or choose ivf or auto", dialect)
        }
        if let nlist = index.nlist, let nprobe = index.nprobe, nprobe > nlist {
            throw Self.conflict("nprobe is \(nprobe), and there are only \(nlist) lists (nlist)", dialect)
        }
    }

    private static func conflict(_ problem: String, _ dialect: Dialect) -> WireError {
        .rule("Validation error: index: \(problem)", version1: "index: \(problem)", dialect)
    }
}

extension IndexChoice {
    /// Whether an index of this kind may be an inverted file.
    var mayHaveLists: Bool {
        switch self {
        case .automatic, .ivf: true
        case .flat, .hnsw: false
        }
    }
}
