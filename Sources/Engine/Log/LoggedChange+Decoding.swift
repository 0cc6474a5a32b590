package import ByteCoding
import FoundationEssentials
import TextSearch
import VectorModel

extension LoggedChange {
    /// Reads a payload back.
    /// - Throws: where the bytes are not a payload: a record that passes its checksum and still cannot be read was written by another version.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        let code = try reader.read(UInt8.self)
        guard let tag = Tag(rawValue: code) else { throw reader.failure(.invalidValue(UInt64(code))) }
        switch tag {
        case .createTenant, .createDatabase, .deleteDatabase, .createCollection, .forkCollection, .changeCollection, .deleteCollection, .reset:
            self = .catalog(try CatalogChange(tag, &reader))
        case .add: self = try Self.write(.add, &reader)
        case .update: self = try Self.write(.update, &reader)
        case .upsert: self = try Self.write(.upsert, &reader)
        case .delete:
            let collection = try reader.readIdentifier()
            self = .delete(try reader.readStrings(), from: collection)
        case .group:
            let collection = try reader.readIdentifier()
            self = .group(try reader.readGroup(), of: collection)
        }
        try reader.finish()
    }

    private static func write(_ kind: WriteKind, _ reader: inout ByteReader) throws(DecodingFailure) -> LoggedChange {
        let collection = try reader.readIdentifier()
        return .write(try reader.readBatch(), kind, to: collection)
    }
}

extension CatalogChange {
    fileprivate init(_ tag: LoggedChange.Tag, _ reader: inout ByteReader) throws(DecodingFailure) {
        switch tag {
        case .createTenant: self = .createTenant(try reader.readString())
        case .createDatabase:
            self = .createDatabase(try reader.readIdentifier(), name: try reader.readString(), tenant: try reader.readString())
        case .deleteDatabase: self = .deleteDatabase(name: try reader.readString(), tenant: try reader.readString())
        case .createCollection:
            self = .createCollection(
                Creation(
                    identifier: try reader.readIdentifier(), name: try reader.readString(), tenant: try reader.readString(),
                    database: try reader.readString(), metadata: try reader.readOptionalMetadata(), index: try reader.readIndexConfiguration(),
                    wireConfiguration: Array(try reader.readLengthPrefixedBytes())))
        case .changeCollection:
            let identifier = try reader.readIdentifier()
            let name = try reader.readOptional { reader throws(DecodingFailure) in try reader.readString() }
            let metadata = try reader.readOptionalMetadata()
            let index = try reader.readOptional { reader throws(DecodingFailure) in try reader.readIndexConfiguration() }
            let wire = try reader.readOptional { reader throws(DecodingFailure) in Array(try reader.readLengthPrefixedBytes()) }
            self = .changeCollection(identifier, CollectionChange(name: name, metadata: metadata, index: index, wireConfiguration: wire))
        case .forkCollection:
            self = .forkCollection(try reader.readIdentifier(), name: try reader.readString(), from: try reader.readIdentifier())
        case .deleteCollection: self = .deleteCollection(try reader.readIdentifier())
        case .reset: self = .reset
        case .add, .update, .upsert, .delete, .group: throw reader.failure(.invalidValue(UInt64(tag.rawValue)))
        }
    }
}

extension GroupedChange {
    fileprivate init(_ reader: inout ByteReader) throws(DecodingFailure) {
        let refused = reader.failure(.invalidValue(0))
        guard let tag = LoggedChange.Tag(rawValue: try reader.read(UInt8.self)) else { throw refused }
        switch tag {
        case .add: self = .write(try reader.readBatch(), .add)
        case .update: self = .write(try reader.readBatch(), .update)
        case .upsert: self = .write(try reader.readBatch(), .upsert)
        case .delete: self = .delete(try reader.readStrings())
        case .createTenant, .createDatabase, .deleteDatabase, .createCollection, .forkCollection, .changeCollection, .deleteCollection, .reset,
            .group:
            throw refused
        }
    }
}

extension ByteReader {
    /// Changes that name no id twice: what they mean does not depend on each other.
    fileprivate mutating func readGroup() throws(DecodingFailure) -> [GroupedChange] {
        let refused = failure(.invalidValue(0))
        let count = try readCount(elementBytesMin: 2)
        let changes = try readElements(count) { reader throws(DecodingFailure) in try GroupedChange(&reader) }
        var named: Set<String> = []
        for change in changes {
            for identifier in change.identifiers where !named.insert(identifier).inserted { throw refused }
        }
        return changes
    }

    fileprivate mutating func readStrings() throws(DecodingFailure) -> [String] {
        let count = try readCount(elementBytesMin: 1)
        return try readElements(count) { reader throws(DecodingFailure) in try reader.readString() }
    }

    fileprivate mutating func readBatch() throws(DecodingFailure) -> RecordBatch {
        let count = try readCount(elementBytesMin: 1)
        let identifiers = try readElements(count) { reader throws(DecodingFailure) in try reader.readString() }
        let embeddings = try readOptional { reader throws(DecodingFailure) in try reader.readEmbeddings(rows: count) }
        let documents = try readOptional { reader throws(DecodingFailure) in try reader.readTexts(count) }
        let uris = try readOptional { reader throws(DecodingFailure) in try reader.readTexts(count) }
        let metadatas = try readOptional { reader throws(DecodingFailure) in
            try reader.readElements(count) { reader throws(DecodingFailure) in try reader.readOptionalMetadata() }
        }
        do throws(RequestError) {
            return try RecordBatch(
                identifiers: identifiers, embeddings: embeddings, documents: documents, uris: uris, metadatas: metadatas, limits: .unbounded)
        } catch {
            throw failure(.invalidValue(UInt64(count)))
        }
    }

    private mutating func readEmbeddings(rows: Int) throws(DecodingFailure) -> EmbeddingColumn {
        let dimension = try readVarint()
        guard dimension > 0, dimension <= UInt64(UInt32.max) else { throw failure(.invalidValue(dimension)) }
        let presence = try readOptional { reader throws(DecodingFailure) in
            try reader.readElements(rows) { reader throws(DecodingFailure) in try reader.read(UInt8.self) != 0 }
        }
        let present = presence?.count { $0 } ?? rows
        let (floats, overflow) = present.multipliedReportingOverflow(by: Int(dimension))
        guard !overflow, floats <= remaining / 4 else { throw failure(.lengthOutOfBounds(length: UInt64(present), limit: remaining / 4 / Int(dimension))) }
        return EmbeddingColumn(dimension: Int(dimension), values: try readFloats(floats), presence: presence)
    }

    private mutating func readTexts(_ count: Int) throws(DecodingFailure) -> [String?] {
        try readElements(count) { reader throws(DecodingFailure) in
            try reader.readOptional { reader throws(DecodingFailure) in try reader.readString() }
        }
    }

    mutating func readOptionalMetadata() throws(DecodingFailure) -> Metadata? {
        try readOptional { reader throws(DecodingFailure) in
            let count = try reader.readCount(elementBytesMin: 2)
            return Metadata(
                fields: try reader.readElements(count) { reader throws(DecodingFailure) in
                    MetadataField(key: try reader.readString(), value: try reader.readMetadataValue())
                })
        }
    }

    private mutating func readMetadataValue() throws(DecodingFailure) -> MetadataValue? {
        let code = try read(UInt8.self)
        guard let tag = MetadataTag(rawValue: code) else { throw failure(.invalidValue(UInt64(code))) }
        switch tag {
        case .removed: return nil
        case .string: return .string(try readString())
        case .integer: return .integer(try readSignedVarint())
        case .float: return .float(try readDouble())
        case .boolean: return .boolean(try read(UInt8.self) != 0)
        case .strings:
            let count = try readCount(elementBytesMin: 1)
            return .strings(try readElements(count) { reader throws(DecodingFailure) in try reader.readString() })
        case .integers:
            let count = try readCount(elementBytesMin: 1)
            return .integers(try readElements(count) { reader throws(DecodingFailure) in try reader.readSignedVarint() })
        case .floats:
            let count = try readCount(elementBytesMin: 8)
            return .floats(try readElements(count) { reader throws(DecodingFailure) in try reader.readDouble() })
        case .booleans:
            let count = try readCount(elementBytesMin: 1)
            return .booleans(try readElements(count) { reader throws(DecodingFailure) in try reader.read(UInt8.self) != 0 })
        case .sparse: return .sparse(try readSparseVector())
        }
    }

    private mutating func readSparseVector() throws(DecodingFailure) -> SparseVector {
        let count = try readCount(elementBytesMin: 5)
        var next: UInt64 = 0
        let indices = try readElements(count) { reader throws(DecodingFailure) in
            let step = try reader.readVarint()
            guard step <= UInt64(UInt32.max), let index = UInt32(exactly: next + step) else { throw reader.failure(.invalidValue(step)) }
            next = UInt64(index) + 1
            return index
        }
        let values = try readFloats(count)
        let labels = try readOptional { reader throws(DecodingFailure) in
            guard count > 0 else { throw reader.failure(.invalidValue(0)) }
            return try reader.readElements(count) { reader throws(DecodingFailure) in try reader.readString() }
        }
        do throws(SparseVectorFlaw) {
            return try SparseVector(indices: indices, values: values, labels: labels)
        } catch {
            throw failure(.invalidValue(UInt64(count)))
        }
    }

    mutating func readIndexConfiguration() throws(DecodingFailure) -> IndexConfiguration {
        let code = try read(UInt8.self)
        let forms = IndexConfiguration.longForm | IndexConfiguration.withLanguage
        guard let metric = Metric(rawValue: code & ~forms) else { throw failure(.invalidValue(UInt64(code))) }
        var index = IndexConfiguration(
            metric: metric, M: Int(try readSignedVarint()), efConstruction: Int(try readSignedVarint()), efSearch: Int(try readSignedVarint()))
        if code & IndexConfiguration.longForm != 0 { try readLongForm(&index) }
        if code & IndexConfiguration.withLanguage != 0 { index.language = try readLanguage() }
        return index
    }

    private mutating func readLongForm(_ index: inout IndexConfiguration) throws(DecodingFailure) {
        let formFailure = failure(.invalidValue(UInt64(IndexConfiguration.longForm)))
        let (choice, element) = (try read(UInt8.self), try read(UInt8.self))
        guard let knownChoice = IndexChoice(rawValue: choice) else { throw failure(.invalidValue(UInt64(choice))) }
        guard let knownElement = VectorElement(rawValue: element) else { throw failure(.invalidValue(UInt64(element))) }
        (index.choice, index.element) = (knownChoice, knownElement)
        index.nlist = try readOptional { reader throws(DecodingFailure) in Int(try reader.readSignedVarint()) }
        index.nprobe = try readOptional { reader throws(DecodingFailure) in Int(try reader.readSignedVarint()) }
        // What the short form can say has that form only: equal configurations are equal bytes.
        guard !index.isShort else { throw formFailure }
    }

    /// What could be said in another way is refused: equal configurations are equal bytes.
    private mutating func readLanguage() throws(DecodingFailure) -> DocumentLanguage {
        let refused = failure(.invalidValue(UInt64(IndexConfiguration.withLanguage)))
        let (name, keepsStopWords) = (try readString(), try read(UInt8.self))
        guard keepsStopWords <= 1, let stemming = StemmingLanguage(rawValue: name) else { throw refused }
        let language = DocumentLanguage(stemming, keepsStopWords: keepsStopWords == 1)
        guard language.keepsStopWords == (keepsStopWords == 1) else { throw refused }
        return language
    }

    mutating func readIdentifier() throws(DecodingFailure) -> CollectionIdentifier {
        let bytes = try readBytes(16)
        return CollectionIdentifier(UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)))
    }

    mutating func readElements<Element>(
        _ count: Int, _ read: (inout ByteReader) throws(DecodingFailure) -> Element
    ) throws(DecodingFailure) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(min(count, 1 << 16))
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    mutating func readOptional<Value>(
        _ read: (inout ByteReader) throws(DecodingFailure) -> Value
    ) throws(DecodingFailure) -> Value? {
        let flag = try self.read(UInt8.self)
        guard flag <= 1 else { throw failure(.invalidValue(UInt64(flag))) }
        return flag == 1 ? try read(&self) : nil
    }
}
