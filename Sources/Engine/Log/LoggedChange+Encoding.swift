package import ByteCoding
import Durability
import FoundationEssentials
import TextSearch
import VectorModel

extension LoggedChange {
    /// The change as a log payload, checksummed. Cost: one copy of the vectors and texts.
    func payload() -> LogPayload {
        LogPayload(encoded(), compressible: isCompressible)
    }

    package func encoded() -> ByteWriter {
        switch self {
        case .catalog(let change):
            var writer = ByteWriter()
            writer.append(change)
            return writer
        case .write(let batch, let kind, let collection):
            var writer = ByteWriter(capacity: batch.approximateByteCount)
            writer.append(Tag(kind).rawValue)
            writer.append(collection)
            writer.append(batch)
            return writer
        case .delete(let identifiers, let collection):
            var writer = ByteWriter(capacity: 64 + identifiers.count * 24)
            writer.append(Tag.delete.rawValue)
            writer.append(collection)
            writer.append(identifiers)
            return writer
        case .group(let changes, let collection):
            var writer = ByteWriter(capacity: changes.reduce(64) { $0 + $1.approximateByteCount })
            writer.append(Tag.group.rawValue)
            writer.append(collection)
            writer.appendVarint(UInt64(changes.count))
            for change in changes { writer.append(change) }
            return writer
        }
    }

    /// Whether LZ4 is likely to help: texts shrink, floats do not.
    private var isCompressible: Bool {
        switch self {
        case .catalog, .delete: false
        case .group(let changes, _):
            changes.contains { change in
                if case .write(let batch, _) = change { batch.embeddings == nil && batch.approximateByteCount > 4_096 } else { false }
            }
        case .write(let batch, _, _): batch.embeddings == nil && batch.approximateByteCount > 4_096
        }
    }
}

extension GroupedChange {
    /// About how many bytes it takes in the log, for reserving space.
    fileprivate var approximateByteCount: Int {
        switch self {
        case .write(let batch, _): batch.approximateByteCount
        case .delete(let identifiers): identifiers.count * 24
        }
    }
}

extension RecordBatch {
    /// About how many bytes the batch's vectors and texts have, for reserving space.
    var approximateByteCount: Int {
        let vectors = (embeddings?.values.count ?? 0) * 4
        let documents = documents?.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 4 } ?? 0
        return 128 + count * 48 + vectors + documents + (metadatas == nil ? 0 : count * 96)
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ change: CatalogChange) {
        switch change {
        case .createTenant(let name):
            append(LoggedChange.Tag.createTenant.rawValue)
            append(lengthPrefixed: name)
        case .createDatabase(let identifier, let name, let tenant):
            append(LoggedChange.Tag.createDatabase.rawValue)
            append(identifier)
            append(lengthPrefixed: name)
            append(lengthPrefixed: tenant)
        case .deleteDatabase(let name, let tenant):
            append(LoggedChange.Tag.deleteDatabase.rawValue)
            append(lengthPrefixed: name)
            append(lengthPrefixed: tenant)
        case .createCollection(let creation):
            append(LoggedChange.Tag.createCollection.rawValue)
            append(creation.identifier)
            append(lengthPrefixed: creation.name)
            append(lengthPrefixed: creation.tenant)
            append(lengthPrefixed: creation.database)
            append(optional: creation.metadata)
            append(creation.index)
            append(lengthPrefixed: creation.wireConfiguration)
        case .forkCollection(let identifier, let name, let source):
            append(LoggedChange.Tag.forkCollection.rawValue)
            append(identifier)
            append(lengthPrefixed: name)
            append(source)
        case .changeCollection(let identifier, let change):
            append(LoggedChange.Tag.changeCollection.rawValue)
            append(identifier)
            appendOptional(change.name) { $0.append(lengthPrefixed: $1) }
            append(optional: change.metadata)
            appendOptional(change.index) { $0.append($1) }
            appendOptional(change.wireConfiguration) { $0.append(lengthPrefixed: $1) }
        case .deleteCollection(let identifier):
            append(LoggedChange.Tag.deleteCollection.rawValue)
            append(identifier)
        case .reset:
            append(LoggedChange.Tag.reset.rawValue)
        }
    }

    fileprivate mutating func append(_ change: GroupedChange) {
        switch change {
        case .write(let batch, let kind):
            append(LoggedChange.Tag(kind).rawValue)
            append(batch)
        case .delete(let identifiers):
            append(LoggedChange.Tag.delete.rawValue)
            append(identifiers)
        }
    }

    fileprivate mutating func append(_ identifiers: [String]) {
        appendVarint(UInt64(identifiers.count))
        for identifier in identifiers { append(lengthPrefixed: identifier) }
    }

    fileprivate mutating func append(_ batch: RecordBatch) {
        appendVarint(UInt64(batch.count))
        for identifier in batch.identifiers { append(lengthPrefixed: identifier) }
        appendOptional(batch.embeddings) { writer, column in
            writer.appendVarint(UInt64(column.dimension))
            writer.appendOptional(column.presence) { writer, presence in
                for isPresent in presence { writer.append(isPresent ? 1 as UInt8 : 0) }
            }
            writer.append(contentsOf: column.values)
        }
        appendTexts(batch.documents)
        appendTexts(batch.uris)
        appendOptional(batch.metadatas) { writer, metadatas in
            for metadata in metadatas { writer.append(optional: metadata) }
        }
    }

    private mutating func appendTexts(_ texts: [String?]?) {
        appendOptional(texts) { writer, texts in
            for text in texts { writer.appendOptional(text) { $0.append(lengthPrefixed: $1) } }
        }
    }

    /// In the short form where that says everything, as all programs have written it.
    mutating func append(_ index: IndexConfiguration) {
        let isLong = !index.isShort
        let language = index.language.stemming
        append(index.metric.rawValue | (isLong ? IndexConfiguration.longForm : 0) | (language == nil ? 0 : IndexConfiguration.withLanguage))
        appendSignedVarint(Int64(index.M))
        appendSignedVarint(Int64(index.efConstruction))
        appendSignedVarint(Int64(index.efSearch))
        if isLong {
            append(index.choice.rawValue)
            append(index.element.rawValue)
            for number in [index.nlist, index.nprobe] { appendOptional(number) { $0.appendSignedVarint(Int64($1)) } }
        }
        if let language {
            append(lengthPrefixed: language.rawValue)
            append(index.language.keepsStopWords ? 1 as UInt8 : 0)
        }
    }

    mutating func append(optional metadata: Metadata?) {
        appendOptional(metadata) { writer, metadata in
            writer.appendVarint(UInt64(metadata.fields.count))
            for field in metadata.fields {
                writer.append(lengthPrefixed: field.key)
                writer.append(field.value)
            }
        }
    }

    private mutating func append(_ value: MetadataValue?) {
        append(MetadataTag(value).rawValue)
        switch value {
        case nil: break
        case .string(let string): append(lengthPrefixed: string)
        case .integer(let integer): appendSignedVarint(integer)
        case .float(let float): append(float)
        case .boolean(let boolean): append(boolean ? 1 as UInt8 : 0)
        case .strings(let elements): appendElements(elements) { $0.append(lengthPrefixed: $1) }
        case .integers(let elements): appendElements(elements) { $0.appendSignedVarint($1) }
        case .floats(let elements): appendElements(elements) { $0.append($1) }
        case .booleans(let elements): appendElements(elements) { $0.append($1 ? 1 as UInt8 : 0) }
        case .sparse(let vector): append(vector)
        }
    }

    /// Ascending indices as the steps between them.
    private mutating func append(_ vector: SparseVector) {
        var next: UInt32 = 0
        appendElements(vector.indices) { writer, index in
            writer.appendVarint(UInt64(index - next))
            next = index &+ 1
        }
        append(contentsOf: vector.values)
        appendOptional(vector.labels) { writer, labels in
            for label in labels { writer.append(lengthPrefixed: label) }
        }
    }

    private mutating func appendElements<Element>(_ elements: [Element], _ append: (inout ByteWriter, Element) -> Void) {
        appendVarint(UInt64(elements.count))
        for element in elements { append(&self, element) }
    }

    mutating func appendOptional<Value>(_ value: Value?, _ append: (inout ByteWriter, Value) -> Void) {
        self.append(value == nil ? 0 as UInt8 : 1)
        if let value { append(&self, value) }
    }

    mutating func append(_ identifier: CollectionIdentifier) {
        Swift.withUnsafeBytes(of: identifier.uuid.uuid) { append(contentsOf: $0) }
    }

    mutating func append(lengthPrefixed bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(lengthPrefixed: $0) }
    }
}

extension IndexConfiguration {
    /// Added to the metric's byte when choice, element, `nlist` and `nprobe` follow.
    static let longForm: UInt8 = 128

    /// Added to the metric's byte when the language stands at the end.
    static let withLanguage: UInt8 = 64

    /// Whether metric, `M`, `efConstruction` and `efSearch` say everything of the vectors.
    var isShort: Bool { choice == .automatic && element == .float32 && nlist == nil && nprobe == nil }
}

/// The kind of a metadata value in a log payload.
enum MetadataTag: UInt8 {
    case removed, string, integer, float, boolean, strings, integers, floats, booleans, sparse

    init(_ value: MetadataValue?) {
        self =
            switch value {
            case nil: .removed
            case .string: .string
            case .integer: .integer
            case .float: .float
            case .boolean: .boolean
            case .strings: .strings
            case .integers: .integers
            case .floats: .floats
            case .booleans: .booleans
            case .sparse: .sparse
            }
    }
}
