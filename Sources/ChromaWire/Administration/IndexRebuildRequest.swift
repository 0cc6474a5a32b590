public import VectorModel

/// Indexes that are to be built anew.
public struct IndexRebuildRequest: Hashable, Sendable {
    /// `nil`: those of every collection.
    public var collection: CollectionIdentifier?
    /// Whether the answer comes when they are built, with lines of progress until then; else at once, and they are built in the background.
    public var waits: Bool

    public init(collection: CollectionIdentifier? = nil, waits: Bool = true) {
        self.collection = collection
        self.waits = waits
    }
}

extension RequestDecoder {
    /// Reads the body of a rebuild; an empty one means all collections. A field that is not known is refused.
    public func indexRebuild(_ body: RequestBody) throws(WireError) -> IndexRebuildRequest {
        guard body.count > 0 else { return IndexRebuildRequest() }
        return try read(body, "IndexRebuildRequest") { fields throws(WireError) in
            try refuseOthers(than: ["collection", "wait"], in: fields)
            let collection = try fields.optionalString("collection").map { text throws(WireError) in try collectionIdentifier(text) }
            return IndexRebuildRequest(collection: collection, waits: try fields.boolean("wait", default: true))
        }
    }
}
