public import Engine
import Filtering
import VectorModel

/// A batch of searches and what the answer to each shows.
public struct DecodedSearch: Sendable {
    /// With a deadline when the body has `timeout_ms`.
    public let batch: SearchBatch
    /// One for each search.
    public let selections: [SelectedKeys]
}

extension RequestDecoder {
    /// Reads the body of a search as clients of the search API send it.
    ///
    /// Every level of reading sees every acknowledged write here, so `read_level` changes nothing; a wrong one is still refused.
    /// - Parameter now: the moment from which the body's `timeout_ms` counts.
    public func search(_ body: RequestBody, now: ContinuousClock.Instant = .now) throws(WireError) -> DecodedSearch {
        try read(body, "SearchRequestPayload") { fields throws(WireError) in
            if let level = try fields.optionalString("read_level"), !Self.readLevels.contains(level) {
                let known = Self.readLevels.map { "`\($0)`" }.joined(separator: ", ")
                throw .type(JSONPlace("read_level"), "unknown variant `\(level)`, expected one of \(known)", dialect)
            }
            let deadline = try deadline(fields, now)
            let list = try fields.required("searches")
            try fields.requireArray(list, "searches")
            guard list.count <= limits.searches else {
                throw .rule("Validation error: searches: \(list.count) searches are more than the \(limits.searches) allowed", dialect)
            }
            var searches: [SearchRequest] = []
            var selections: [SelectedKeys] = []
            try list.forEachElement { (index: Int, value: JSONValue) throws(WireError) in
                let place = JSONPlace("searches").element(index)
                let (search, selection) = try self.search(try JSONFields(value, at: place, expected: "struct SearchPayload", dialect))
                searches.append(search)
                selections.append(selection)
            }
            return DecodedSearch(batch: SearchBatch(searches, deadline: deadline), selections: selections)
        }
    }

    /// The batch as the schema of its collection means it: queries of sparse vectors are scaled where the key's index is for BM25.
    public func weighted(_ batch: SearchBatch, on collection: CollectionDescription) -> SearchBatch {
        let keys = WireConfiguration.keysScaledByRarity(of: collection)
        guard !keys.isEmpty else { return batch }
        var batch = batch
        for index in batch.searches.indices { batch.searches[index].keysScaledByRarity = keys }
        return batch
    }

    /// The names of `read_level`, as clients send them.
    public static let readLevels = ["index_and_wal", "index_only", "index_and_bounded_wal"]

    private func search(_ fields: JSONFields) throws(WireError) -> (SearchRequest, SelectedKeys) {
        let selection = try selectedKeys(fields)
        var request = SearchRequest(fields: selection.recordFields)
        if let filter = try fields.optional("filter"), !filter.isEmptyObject {
            var decoder = WhereDecoder(dialect: dialect, limits: limits)
            request.selector.metadata = try decoder.decode(filter)
            request.selector.takeIdentifiers()
        }
        if let rank = try fields.optional("rank"), !rank.isEmptyObject {
            var decoder = RankDecoder(dialect: dialect, limits: limits)
            request.rank = try decoder.decode(rank, at: fields.place.field("rank"))
        }
        if let group = try fields.optional("group_by"), !group.isEmptyObject {
            request.grouping = try grouping(group, at: fields.place.field("group_by"))
        }
        if let page = try fields.optional("limit") {
            let page = try JSONFields(page, at: fields.place.field("limit"), expected: "struct Limit", dialect)
            request.limit = try page.count("limit")
            request.offset = try page.count("offset") ?? 0
        }
        return (request, selection)
    }

    private func selectedKeys(_ fields: JSONFields) throws(WireError) -> SelectedKeys {
        guard let value = try fields.optional("select") else { return SelectedKeys() }
        let select = try JSONFields(value, at: fields.place.field("select"), expected: "struct Select", dialect)
        guard let keys = try select.optional("keys") else { return SelectedKeys() }
        guard keys.count <= limits.metadataKeys else {
            throw .rule("Validation error: select: \(keys.count) keys are more than the \(limits.metadataKeys) allowed", dialect)
        }
        var parts: Set<SelectedKeys.Part> = []
        var metadataKeys: Set<String> = []
        for key in try select.strings("keys", keys) {
            if let part = SelectedKeys.Part(rawValue: key) {
                parts.insert(part)
            } else if key.hasPrefix("#") {
                let known = SelectedKeys.Part.allCases.map(\.rawValue).joined(separator: ", ")
                throw .rule("Validation error: select: '\(key)' is neither a key of the metadata nor one of \(known)", dialect)
            } else {
                metadataKeys.insert(key)
            }
        }
        return SelectedKeys(parts: parts, metadataKeys: metadataKeys)
    }
}

extension JSONValue {
    /// What clients send for "none".
    fileprivate var isEmptyObject: Bool { kind == .object && count == 0 }
}

extension RecordSelector {
    /// Takes out of the condition the ids that a record must be one of, so that those few are looked up and not every record compared.
    ///
    /// Only a comparison that all records must pass can go: one that stands alone or in the outermost conjunction.
    fileprivate mutating func takeIdentifiers() {
        guard let metadata else { return }
        if let taken = metadata.identifiers {
            (identifiers, self.metadata) = (taken, nil)
        } else if case .all(var parts) = metadata, let place = parts.firstIndex(where: { $0.identifiers != nil }) {
            identifiers = parts[place].identifiers
            parts.remove(at: place)
            self.metadata = parts.count == 1 ? parts[0] : parts.isEmpty ? nil : .all(parts)
        }
    }
}

extension MetadataCondition {
    /// The ids that this condition alone allows; `nil` for another condition.
    fileprivate var identifiers: [String]? {
        guard case .compare(key: SelectedKeys.Part.identifier.rawValue, let comparison) = self else { return nil }
        if case .equal(.string(let identifier)) = comparison { return [identifier] }
        guard case .isIn(let values) = comparison else { return nil }
        var identifiers: [String] = []
        for value in values {
            guard case .string(let identifier) = value else { return nil }
            identifiers.append(identifier)
        }
        return identifiers
    }
}
