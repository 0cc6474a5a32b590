public import Engine
import Filtering
import VectorModel

/// A `get` and what its answer shows.
public struct DecodedGet: Sendable {
    public let request: GetRequest
    public let include: IncludeSet
}

/// A `query` and what its answer shows.
public struct DecodedQuery: Sendable {
    /// With a deadline when the body has `timeout_ms`.
    public let request: QueryRequest
    public let include: IncludeSet
}

extension RequestDecoder {
    public func get(_ body: RequestBody) throws(WireError) -> DecodedGet {
        try read(body, "GetRequestPayload") { fields throws(WireError) in try get(fields) }
    }

    func get(_ fields: JSONFields) throws(WireError) -> DecodedGet {
        if dialect.version == .v1, try fields.optional("sort") != nil { throw sortingError }
        let (limit, offset) = (try fields.count("limit"), try fields.count("offset") ?? 0)
        let include = try include(fields, usual: .usualForGet)
        var request = GetRequest(selector: try selector(fields), limit: limit, offset: offset, fields: include.recordFields)
        request.arrangement = try arrangement(fields)
        return DecodedGet(request: request, include: include)
    }

    /// - Parameter now: the moment from which the body's `timeout_ms` counts.
    public func query(_ body: RequestBody, now: ContinuousClock.Instant = .now) throws(WireError) -> DecodedQuery {
        try read(body, "QueryRequestPayload") { fields throws(WireError) in
            var vectors = QueryVectors()
            var broken = BrokenRule(dialect)
            var refinement = QueryRefinement()
            var hasVectors = false
            try broken.unlessRule { () throws(WireError) in
                refinement = try self.refinement(fields)
                hasVectors = refinement.examples == nil
            }
            if hasVectors { try broken.unlessRule { () throws(WireError) in vectors = try queryVectors(fields) } }
            let k = try fields.count("n_results") ?? 10
            let deadline = try deadline(fields, now)
            var overrides = SearchOverrides()
            try broken.unlessRule { () throws(WireError) in overrides = try searchOverrides(fields) }
            var explain = false
            try broken.unlessRule { () throws(WireError) in explain = try self.explain(fields) }
            let include = try include(fields, usual: .usualForQuery)
            let selector = try selector(fields)
            try broken.report()
            var request = QueryRequest(
                vectors: vectors.values, dimension: vectors.dimension, queryCount: vectors.count, k: k, selector: selector,
                fields: include.recordFields, deadline: deadline)
            request.overrides = overrides
            request.refinement = refinement
            request.explain = explain
            return DecodedQuery(request: request, include: include)
        }
    }

    public func delete(_ body: RequestBody) throws(WireError) -> DeleteRequest {
        try read(body, "DeleteCollectionRecordsPayload") { fields throws(WireError) in
            let limit = try fields.count("limit")
            let selector = try selector(fields)
            let isFiltered = selector.metadata != nil || selector.document != nil
            switch dialect.version {
            case .v1:
                guard isFiltered || selector.identifiers?.isEmpty == false else { throw .rule(Self.noSelectorText, dialect) }
            case .v2:
                if let identifiers = selector.identifiers, identifiers.isEmpty, !isFiltered {
                    throw .rule("Validation error: ids, where: Either ids or where must be specified", dialect)
                }
                guard limit == nil || isFiltered else {
                    throw .rule("Validation error: limit, where: limit can only be specified when a where clause is provided", dialect)
                }
            }
            return DeleteRequest(selector: selector, limit: limit)
        }
    }

    private static let noSelectorText =
        "\n  You must provide either ids, where, or where_document to delete. To delete everything, delete the collection itself.\n"

    private var sortingError: WireError {
        let message = "Sorting is not yet supported"
        return WireError(status: 500, name: "NotImplementedError", message: message, style: dialect.errorStyle, form: .representation)
    }

    /// `ids`, `where` and `where_document`.
    func selector(_ fields: JSONFields) throws(WireError) -> RecordSelector {
        var selector = RecordSelector()
        if let ids = try fields.optional("ids") { selector.identifiers = try fields.strings("ids", ids) }
        if let value = try fields.optional("where") {
            var decoder = WhereDecoder(dialect: dialect, limits: limits)
            selector.metadata = try decoder.decode(value)
        }
        if let value = try fields.optional("where_document") {
            var decoder = WhereDocumentDecoder(dialect: dialect, limits: limits)
            selector.document = try decoder.decode(value)
        }
        return selector
    }

    private struct QueryVectors {
        var values: [Float] = []
        var dimension = 0
        var count = 0
    }

    private func queryVectors(_ fields: JSONFields) throws(WireError) -> QueryVectors {
        let value = try fields.required("query_embeddings")
        try fields.requireArray(value, "query_embeddings")
        guard value.count <= limits.queryVectors else {
            throw .rule("Validation error: query_embeddings: \(value.count) vectors are more than the \(limits.queryVectors) allowed", dialect)
        }
        let place = JSONPlace("query_embeddings")
        var vectors = QueryVectors()
        var isUniform = true
        try value.forEachElement { (index: Int, vector: JSONValue) throws(WireError) in
            guard vector.kind == .array else {
                throw .type(place.element(index), "invalid type: \(vector.summary), expected a sequence", dialect)
            }
            if index == 0 {
                vectors.dimension = vector.count
                vectors.values.reserveCapacity(min(vector.count * value.count, EmbeddingRows.reservedFloatsMax))
            }
            guard vector.count <= limits.dimension else { throw Self.tooWide(vector.count, limits, dialect) }
            isUniform = isUniform && vector.count == vectors.dimension
            if !isUniform { vectors.values.removeAll(keepingCapacity: true) }
            if let bad = vector.appendFloats(to: &vectors.values, count: vector.count) {
                throw .type(place.element(index).element(bad), "invalid type, expected f32", dialect)
            }
            vectors.count += 1
        }
        guard isUniform else { throw .rule(Self.mixedDimensionsText, dialect) }
        // Version 2 leaves it to the collection, whose dimension an empty vector misses if it is fixed.
        guard dialect.version == .v2 || vectors.count == 0 || vectors.dimension > 0 else {
            throw .rule("Validation error: query_embeddings: Each embedding must have at least 1 dimension", dialect)
        }
        guard vectors.values.allSatisfy(\.isFinite) else {
            throw .rule("Validation error: query_embeddings: Embeddings must not contain NaN or Infinity values", dialect)
        }
        return vectors
    }

    static let mixedDimensionsText = "Inconsistent dimensions in provided embeddings"

    static func tooWide(_ dimension: Int, _ limits: Limits, _ dialect: Dialect) -> WireError {
        .rule("Validation error: embeddings: \(dimension) dimensions are more than the \(limits.dimension) allowed", dialect)
    }
}
