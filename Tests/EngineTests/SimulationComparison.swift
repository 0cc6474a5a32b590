import Durability
import Engine
import Filtering
import Segments
import TestSupport
import VectorModel

/// What a database did that it must not do.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads everything from a database and compares it with the model.
struct Comparison {
    let database: VectorDatabase
    let world: World
    /// For conditions and query vectors.
    var workload: Workload

    /// Compares everything; the first difference and the first error end it.
    mutating func run() async throws {
        try compareCatalog()
        for collection in world.all {
            try await compare(collection) { error in throw Violation("\(collection.name) cannot be read: \(error)") }
        }
    }

    /// Compares one collection in every way of reading.
    /// - Parameter judge: throws unless the error of one way is right; then the others are tried too.
    mutating func compare(_ collection: World.Collection, onError judge: (RequestError) throws -> Void) async throws {
        for way in Way.allCases {
            do throws(RequestError) {
                try await compare(collection, by: way)
            } catch {
                try judge(error)
            }
        }
    }

    private enum Way: CaseIterable {
        case description, count, all, condition, page, identifiers, search
    }

    private mutating func compare(_ expected: World.Collection, by way: Way) async throws(RequestError) {
        switch way {
        case .description: try compareDescription(expected)
        case .count: try compareCount(expected)
        case .all: try await compare(GetRequest(), expected, expected.records)
        case .condition:
            let condition = workload.condition()
            try await compare(GetRequest(selector: condition.selector), expected, expected.records.filter { condition.matches($0.record) })
        case .page:
            let offset = Int.random(in: 0...expected.records.count, using: &workload.random)
            try await compare(GetRequest(limit: 5, offset: offset), expected, Array(expected.records.dropFirst(offset).prefix(5)))
        case .identifiers:
            let asked = workload.identifiers(1...6)
            let present = asked.compactMap { expected.place(of: $0).map { expected.records[$0] } }
            try await compare(GetRequest(selector: RecordSelector(identifiers: asked)), expected, present)
        case .search: try await compareSearch(expected)
        }
    }

    private func compareCatalog() throws(Violation) {
        for (tenant, databases) in world.tenants {
            let found = database.databases(tenant: tenant).map { ($0.name, $0.identifier) }
            let expected = databases.sorted { $0.key < $1.key }
            guard found.map(\.0) == expected.map(\.key), found.map(\.1) == expected.map(\.value) else {
                throw Violation("tenant \(tenant) has databases \(found.map(\.0)) instead of \(expected.map(\.key))")
            }
            for name in databases.keys {
                let found = database.collections(tenant: tenant, database: name).map(\.name)
                let expected = world.collections(tenant: tenant, database: name).map(\.name)
                guard found == expected else { throw Violation("database \(name) has collections \(found) instead of \(expected)") }
            }
        }
    }

    private func compareDescription(_ expected: World.Collection) throws(RequestError) {
        let found = try database.collection(expected.identifier)
        let described = CollectionDescription(
            identifier: expected.identifier, name: expected.name, tenant: expected.tenant, database: expected.database,
            metadata: expected.metadata, index: expected.index, wireConfiguration: expected.wireConfiguration, dimension: expected.dimension,
            metadataKeys: expected.metadataKeys, version: expected.version, lastSequenceNumber: SequenceNumber(expected.last))
        guard found == described else { throw .mismatch("is described as \(found) instead of \(described)") }
    }

    private func compareCount(_ expected: World.Collection) throws(RequestError) {
        let count = try database.count(of: expected.identifier)
        guard count == expected.records.count else { throw .mismatch("counts \(count) records instead of \(expected.records.count)") }
    }

    private func compare(
        _ request: GetRequest, _ collection: World.Collection, _ expected: [(identifier: String, record: World.Record)]
    ) async throws(RequestError) {
        let found = try await database.get(request, from: collection.identifier).records
        let identifiers = found.map(\.identifier)
        guard identifiers == expected.map(\.identifier) else {
            throw .mismatch("has records \(identifiers) instead of \(expected.map(\.identifier))")
        }
        for (found, expected) in zip(found, expected) where World.Record(found) != expected.record {
            throw .mismatch("record \(expected.identifier) is \(World.Record(found)) instead of \(expected.record)")
        }
    }

    private mutating func compareSearch(_ expected: World.Collection) async throws(RequestError) {
        guard let dimension = expected.dimension else { return }
        let query = workload.random.vector(dimension)
        let condition = workload.random.chance(percent: 50) ? workload.condition() : nil
        let k = Int.random(in: 1...10, using: &workload.random)
        var request = QueryRequest(vectors: query, dimension: dimension, k: k, selector: condition?.selector ?? .init())
        let matching = expected.records.enumerated().compactMap { order, entry -> Match? in
            guard let vector = entry.record.vector, condition?.matches(entry.record) ?? true else { return nil }
            return Match(distance: exactDistance(query, vector, expected.index.metric), order: order, identifier: entry.identifier)
        }.sorted { ($0.distance, $0.order) < ($1.distance, $1.order) }
        request.overrides.exact = true
        let hits = try await database.query(request, in: expected.identifier).hits[0]
        let nearest = matching.prefix(k)
        guard hits.map(\.record.identifier) == nearest.map(\.identifier), hits.map(\.distance) == nearest.map(\.distance) else {
            throw .mismatch("finds \(Self.text(hits)) instead of \(nearest.map { "\($0.identifier) at \($0.distance)" }), \(expected.index.metric)")
        }
        request.overrides.exact = false
        try check(try await database.query(request, in: expected.identifier).hits[0], among: matching, k)
    }

    /// A record that a search may return.
    private struct Match {
        let distance: Float
        let order: Int
        let identifier: String
    }

    /// What an index found need not be the nearest, but it must match, be as far as it says, in order, and as much as there is.
    private func check(_ hits: [QueryHit], among matching: [Match], _ k: Int) throws(RequestError) {
        let places = hits.map { hit in matching.firstIndex { $0.identifier == hit.record.identifier && $0.distance == hit.distance } }
        let isOrdered = zip(places, places.dropFirst()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) }
        guard hits.count == min(k, matching.count), !places.contains(nil), isOrdered else {
            let all = matching.map { "\($0.identifier) at \($0.distance)" }
            throw .mismatch("finds \(Self.text(hits)) with an index, \(k) wanted of \(all)")
        }
    }

    private static func text(_ hits: [QueryHit]) -> [String] { hits.map { "\($0.record.identifier) at \($0.distance)" } }
}

extension RequestError {
    /// Lets a difference take the way that errors take.
    fileprivate static func mismatch(_ what: String) -> RequestError { .invalid("contents", what) }
}

extension World.Record {
    init(_ record: RecordView) {
        self.init(
            vector: record.withVector { $0.map(Array.init) }, document: record.document, uri: record.uri, metadata: record.metadata)
    }
}

/// In double precision and then rounded, which is what the engine promises to the last digit.
func exactDistance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Float {
    var (squares, dot, aa, bb) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b).map({ (Double($0), Double($1)) }) {
        squares += (x - y) * (x - y)
        dot += x * y
        aa += x * x
        bb += y * y
    }
    switch metric {
    case .l2: return Float(squares)
    case .innerProduct: return Float(1 - dot)
    // A vector without a direction is at a right angle to all.
    case .cosine: return aa == 0 || bb == 0 ? 1 : Float(1 - dot / (aa.squareRoot() * bb.squareRoot()))
    }
}

extension VectorDatabase {
    /// Looks for files that nothing refers to. To be called when a database was opened and nothing was changed yet.
    func checkFiles(_ disk: SimulatedFileSystem, _ directory: String, _ world: World) throws {
        var allowed: Set<String> = [directory + "/LOCK", directory + "/CATALOG", directory + "/CATALOG.copy"]
        for collection in world.all {
            let path = "\(directory)/collections/\(collection.identifier)"
            guard let manifest = try CollectionManifest.read(path + "/" + CollectionManifest.fileName, disk) else { continue }
            allowed.insert(path + "/" + CollectionManifest.fileName)
            for segment in manifest.segments {
                for suffix in ["segment", "lookup", "hnsw", "ivf"] { allowed.insert("\(path)/\(twentyDigits(segment.number)).\(suffix)") }
            }
        }
        let files = logStatus?.files ?? []
        for file in files { allowed.insert("\(directory)/log/\(twentyDigits(file.first.rawValue)).wal") }
        let others = disk.paths.filter { $0.hasPrefix(directory + "/") && !allowed.contains($0) }
        let recycled = others.filter { $0.hasPrefix(directory + "/log/recycled-") }
        guard recycled.count == logStatus?.recycledFiles else { throw Violation("\(recycled) are not what the log keeps") }
        let orphans = others.filter { !recycled.contains($0) }
        guard orphans.isEmpty else { throw Violation("nothing refers to \(orphans)") }
    }
}

private func twentyDigits(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 20 - digits.count) + digits
}
