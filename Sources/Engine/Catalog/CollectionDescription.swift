public import VectorModel

/// A tenant as clients see it.
public struct TenantDescription: Hashable, Sendable {
    public let name: String
}

/// A database as clients see it.
public struct DatabaseDescription: Hashable, Sendable {
    public let identifier: CollectionIdentifier
    public let name: String
    public let tenant: String
}

/// A collection as clients see it, at one moment.
public struct CollectionDescription: Hashable, Sendable {
    public let identifier: CollectionIdentifier
    public let name: String
    public let tenant: String
    public let database: String
    /// `nil` when the collection was made without metadata. Every field has a value.
    public let metadata: Metadata?
    public let index: IndexConfiguration
    /// What the client sent besides (embedding function, schema), kept byte for byte for the wire layer, which alone reads it. JSON text or empty.
    public let wireConfiguration: [UInt8]
    /// Numbers per vector; `nil` until the first vector is written.
    public let dimension: Int?
    /// Every metadata key that a record has had, living or not, in the order in which they first came; of more than 10,000 the first.
    public let metadataKeys: [MetadataKey]
    /// Grows with every change of name, metadata, configuration or records, by 1 or more, up to 2,147,483,647. A fork begins at 0.
    public let version: Int
    /// The last log position that changed the collection's records.
    public let lastSequenceNumber: SequenceNumber

    package init(
        identifier: CollectionIdentifier, name: String, tenant: String, database: String, metadata: Metadata?, index: IndexConfiguration,
        wireConfiguration: [UInt8], dimension: Int?, metadataKeys: [MetadataKey], version: Int, lastSequenceNumber: SequenceNumber
    ) {
        self.identifier = identifier
        self.name = name
        self.tenant = tenant
        self.database = database
        self.metadata = metadata
        self.index = index
        self.wireConfiguration = wireConfiguration
        self.dimension = dimension
        self.metadataKeys = metadataKeys
        self.version = version
        self.lastSequenceNumber = lastSequenceNumber
    }
}

/// What is needed to create a collection.
public struct CollectionCreation: Sendable {
    public var name: String
    public var metadata: Metadata?
    public var index: IndexConfiguration
    public var wireConfiguration: [UInt8]
    /// Return the collection of this name if there is one, unchanged, instead of an error.
    public var getIfExists: Bool

    public init(name: String, metadata: Metadata? = nil, index: IndexConfiguration = .init(), wireConfiguration: [UInt8] = [], getIfExists: Bool = false) {
        self.name = name
        self.metadata = metadata
        self.index = index
        self.wireConfiguration = wireConfiguration
        self.getIfExists = getIfExists
    }
}

/// A change of a collection: what is `nil` stays.
public struct CollectionChange: Sendable {
    public var name: String?
    /// Replaces the metadata as a whole.
    public var metadata: Metadata?
    public var index: IndexConfiguration?
    public var wireConfiguration: [UInt8]?

    public init(name: String? = nil, metadata: Metadata? = nil, index: IndexConfiguration? = nil, wireConfiguration: [UInt8]? = nil) {
        self.name = name
        self.metadata = metadata
        self.index = index
        self.wireConfiguration = wireConfiguration
    }
}
