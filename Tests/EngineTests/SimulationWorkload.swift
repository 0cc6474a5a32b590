import Engine
import Filtering
import TestSupport
import TextSearch
import VectorModel

/// Random requests. Small pools of ids, names and values, so that requests meet each other's records.
struct Workload {
    var random: SeededGenerator

    /// A condition for the engine and the same for the model.
    struct Condition {
        let selector: RecordSelector
        let matches: (World.Record) -> Bool
    }

    mutating func identifiers(_ range: ClosedRange<Int>) -> [String] {
        let count = Int.random(in: range, using: &random)
        var identifiers: [String] = []
        for _ in 0..<count {
            let identifier = "id-\(Int.random(in: 0..<40, using: &random))"
            if !identifiers.contains(identifier) { identifiers.append(identifier) }
        }
        return identifiers
    }

    /// - Parameter dimension: of the vectors; `nil` for a batch without them.
    mutating func batch(dimension: Int?) throws(RequestError) -> RecordBatch {
        try batch(of: identifiers(1...12), dimension: dimension)
    }

    mutating func batch(of identifiers: [String], dimension: Int?) throws(RequestError) -> RecordBatch {
        try RecordBatch(
            identifiers: identifiers, embeddings: dimension.flatMap { embeddings(identifiers.count, dimension: $0) },
            documents: random.chance(percent: 70) ? identifiers.map { _ in text("d") } : nil,
            uris: random.chance(percent: 30) ? identifiers.map { _ in text("u") } : nil,
            metadatas: random.chance(percent: 70) ? identifiers.map { _ in random.chance(percent: 80) ? metadata() : nil } : nil)
    }

    private mutating func embeddings(_ count: Int, dimension: Int) -> EmbeddingColumn? {
        let presence = random.chance(percent: 60) ? nil : (0..<count).map { _ in random.chance(percent: 70) }
        let present = presence?.count { $0 } ?? count
        return EmbeddingColumn(dimension: dimension, values: (0..<present).flatMap { _ in random.vector(dimension) }, presence: presence)
    }

    private mutating func text(_ kind: String) -> String? {
        guard random.chance(percent: 75) else { return nil }
        let word = "\(kind)\(Int.random(in: 0..<8, using: &random)) "
        return String(repeating: word, count: Int.random(in: 1...(random.chance(percent: 10) ? 200 : 8), using: &random))
    }

    mutating func metadata() -> Metadata {
        let keys = (0..<Int.random(in: 0...3, using: &random)).map { _ in "k\(Int.random(in: 0..<6, using: &random))" }
        let fields = keys.map { MetadataField(key: $0, value: random.chance(percent: 15) ? nil : value()) }
        return Metadata(fields: [MetadataField(key: "n", value: .integer(Int64.random(in: 0..<4, using: &random)))] + fields)
    }

    private mutating func value() -> MetadataValue {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: .string("s\(Int.random(in: 0..<5, using: &random))")
        case 6: .sparse(sparseVector())
        case 1: .integer(Int64.random(in: -3...3, using: &random))
        case 2: .float(Double(Int.random(in: -8...8, using: &random)) / 4)
        case 3: .boolean(Bool.random(using: &random))
        case 4: .strings(["s\(Int.random(in: 0..<5, using: &random))", "t"])
        default: .integers([Int64.random(in: 0..<5, using: &random)])
        }
    }

    private mutating func sparseVector() -> SparseVector {
        let indices = (0..<6).filter { _ in random.chance(percent: 40) }.map(UInt32.init)
        let values = indices.map { _ in Float(Int.random(in: -8...8, using: &random)) / 4 }
        do {
            return try SparseVector(indices: indices, values: values, labels: random.chance(percent: 30) ? indices.map { "t\($0)" } : nil)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    mutating func condition() -> Condition {
        let number = Int64.random(in: 0..<4, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            return Condition(selector: RecordSelector(metadata: .compare(key: "n", .equal(.integer(number))))) { $0.number == number }
        case 1:
            return Condition(selector: RecordSelector(metadata: .compare(key: "n", .notEqual(.integer(number))))) { $0.number != number }
        case 2:
            return Condition(selector: RecordSelector(metadata: .compare(key: "n", .less(.integer(number))))) { record in
                record.number.map { $0 < number } ?? false
            }
        default:
            let word = "d\(number) "
            return Condition(selector: RecordSelector(document: .contains(word))) { $0.document?.hasPrefix(word) ?? false }
        }
    }

    mutating func creation(_ identifier: CollectionIdentifier, _ place: (tenant: String, name: String)?) -> CatalogChange.Creation {
        CatalogChange.Creation(
            identifier: identifier, name: name(), tenant: place?.tenant ?? World.tenant, database: place?.name ?? World.database,
            metadata: random.chance(percent: 40) ? Metadata(["about": .string("m\(random.next() % 9)")]) : nil,
            index: index(),
            wireConfiguration: random.chance(percent: 30) ? Array("{\"x\":\(random.next() % 9)}".utf8) : [])
    }

    private mutating func index() -> IndexConfiguration {
        IndexConfiguration(
            metric: Metric.allCases.randomElement(using: &random) ?? .l2, choice: IndexChoice.allCases.randomElement(using: &random) ?? .automatic,
            element: random.chance(percent: 30) ? .float16 : .float32, M: Int.random(in: 4...64, using: &random),
            efSearch: Int.random(in: 1...20, using: &random), nlist: random.chance(percent: 30) ? Int.random(in: 1...5, using: &random) : nil,
            nprobe: random.chance(percent: 30) ? Int.random(in: 1...5, using: &random) : nil,
            language: random.chance(percent: 30) ? DocumentLanguage(.english, keepsStopWords: random.chance(percent: 50)) : .any)
    }

    mutating func collectionChange() -> CollectionChange {
        CollectionChange(
            name: random.chance(percent: 60) ? name() : nil,
            metadata: random.chance(percent: 50) ? Metadata(["about": .string("c\(random.next() % 9)")]) : nil,
            index: random.chance(percent: 30) ? index() : nil, wireConfiguration: random.chance(percent: 30) ? Array("{}".utf8) : nil)
    }

    private mutating func name() -> String { "collection-\(Int.random(in: 0..<6, using: &random))" }
}

extension World.Record {
    fileprivate var number: Int64? {
        guard case .integer(let number)? = metadata?["n"] else { return nil }
        return number
    }
}
