import ColumnStore
import Indexes
import Synchronization
public import VectorModel

/// Row versions in memory, in the order written: what a collection was told and no segment file holds yet.
///
/// Invariants:
/// 1. A row never changes once appended. Which rows are dead is not the table's to know: tombstones belong to the `CollectionPart`.
/// 2. The versions of one id form a chain through `previous`, newest first.
/// 3. A row without a vector has no place among a search's answers.
///
/// Isolation: one writer (the collection's lock sees to it) appends. Readers work on `MemtableRows`, a value with a row count, at the same time and
/// without locks: rows below the count are immutable.
///
/// Cost: append O(bytes of the record); find O(length of the id + versions newer than the reader); memory 60 bytes a row besides its data.
public final class Memtable: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable`: the mutable properties belong to the writer; what readers share is append-only or atomic (see Isolation).

    public let metric: Metric
    /// What vectors are rounded to when they are appended.
    public let element: VectorElement
    let metadataColumns = MetadataColumns()
    let rows = StableArray<MemtableRow>()
    let identifiers = StringTable()
    private let heads = NewestRows()
    private let texts = ByteArena()
    let lookupSlot: MemtableLookupSlot

    /// `nil` until the dimension is fixed.
    private(set) var vectors: VectorRows?
    private var vectorlessRows = 0
    /// False once a row has been appended whose insertion key is not the largest so far.
    private var isInInsertionOrder = true
    private var largestInsertionKey: UInt64 = 0
    /// By key number: every key that a row has, up to `metadataKeysMax`.
    public private(set) var metadataKeys: [MetadataKey] = []
    /// Grows whenever `metadataKeys` changes.
    public private(set) var metadataKeysRevision = 0
    /// Bounds what one new key may cost: the list is copied when a snapshot shares it.
    public static let metadataKeysMax = 10_000

    /// - Parameters:
    ///   - element: the collection's. For float16 vectors have no number beyond `Float16Vectors.magnitudeMax`.
    ///   - lookupRowsMin: filters want a lookup of so many rows or more.
    public init(metric: Metric, dimension: Int? = nil, element: VectorElement = .float32, lookupRowsMin: Int = 4_096) {
        self.metric = metric
        self.element = element
        lookupSlot = MemtableLookupSlot(newRowsMin: lookupRowsMin)
        if let dimension { vectors = VectorRows(dimension: dimension, metric: metric, element: element) }
    }

    /// Rows appended, dead ones included.
    public var rowCount: Int { rows.count }

    /// About how many bytes the rows and their lookup take, for deciding when to write them to a segment.
    public var usedBytes: Int {
        rows.count * (MemoryLayout<MemtableRow>.stride + 12 + (vectors?.dimension ?? 0) * 4) + texts.usedBytes + metadataColumns.usedBytes
            + identifiers.usedBytes + (lookupSlot.lookup?.byteCount ?? 0)
    }

    /// The rows appended so far, for reading.
    public func reader() -> MemtableRows {
        MemtableRows(
            memtable: self, vectors: vectors, rowCount: rows.count, hasVectorlessRows: vectorlessRows > 0, isInInsertionOrder: isInInsertionOrder)
    }

    // MARK: Writing

    /// The newest row of `identifier`, dead or alive.
    public func newestRow(of identifier: String) -> Int? {
        identifiers.find(identifier).flatMap { heads.newest(of: $0) }.map(Int.init)
    }

    /// Makes room for vectors if there is none yet.
    public func fixDimension(_ dimension: Int) {
        guard vectors == nil else { return precondition(vectors!.dimension == dimension, "the engine checks dimensions before it writes") }
        vectors = VectorRows(dimension: dimension, metric: metric, element: element, rowsBefore: rows.count)
    }

    /// Appends a row with the given parts.
    /// - Parameters:
    ///   - parts: its vector, if any, has the dimension fixed before.
    ///   - insertionKey: a new record's is larger than every key given before; a new version of a record in another part keeps that one's.
    public func append(_ identifier: String, _ parts: RecordParts, insertionKey: UInt64, sequence: SequenceNumber) {
        append(identifier: identifiers.intern(identifier), base: nil, parts, insertionKey: insertionKey, sequence)
    }

    /// Appends a version of the record at `row` in which the given parts are changed; what `parts` leaves out is kept, shared with the old version.
    public func appendVersion(of row: Int, _ parts: RecordParts, sequence: SequenceNumber) {
        let base = rows[row]
        append(identifier: base.identifier, base: (row, base), parts, insertionKey: base.insertionKey, sequence)
    }

    private func append(
        identifier: UInt32, base: (index: Int, row: MemtableRow)?, _ parts: RecordParts, insertionKey: UInt64, _ sequence: SequenceNumber
    ) {
        let index = rows.count
        var row = base?.row
            ?? MemtableRow(
                text: nil, metadata: nil, insertionKey: insertionKey, sequence: sequence.rawValue, documentBytes: -1, uriBytes: -1,
                identifier: identifier, metadataCount: 0, previous: MemtableRow.none, flags: 0)
        row.sequence = sequence.rawValue
        row.previous = heads.newest(of: identifier) ?? MemtableRow.none
        setTexts(of: &row, parts)
        setMetadata(of: &row, parts)
        setVector(of: &row, base: base?.index, parts)
        rows.append(row)
        heads.setNewest(UInt32(index), of: identifier)
        if insertionKey < largestInsertionKey { isInInsertionOrder = false }
        largestInsertionKey = max(largestInsertionKey, insertionKey)
    }

    private func setTexts(of row: inout MemtableRow, _ parts: RecordParts) {
        guard parts.document != nil || parts.uri != nil else { return }
        // Both texts lie together, so a version that changes one gets its own copy of both.
        let (documentBytes, uriBytes) = (parts.document?.utf8.count ?? Int(row.documentBytes), parts.uri?.utf8.count ?? Int(row.uriBytes))
        let place = texts.allocate(max(documentBytes, 0) + max(uriBytes, 0))
        Self.copy(parts.document, or: row.documentBuffer, to: place)
        Self.copy(parts.uri, or: row.uriBuffer, to: place + max(documentBytes, 0))
        row.text = UnsafeRawPointer(place)
        row.documentBytes = Int32(documentBytes)
        row.uriBytes = Int32(uriBytes)
    }

    private static func copy(_ text: String?, or old: UnsafeRawBufferPointer?, to place: UnsafeMutableRawPointer) {
        if var text {
            text.withUTF8 { UnsafeMutableRawBufferPointer(start: place, count: $0.count).copyBytes(from: $0) }
        } else if let old {
            UnsafeMutableRawBufferPointer(start: place, count: old.count).copyMemory(from: old)
        }
    }

    private func setMetadata(of row: inout MemtableRow, _ parts: RecordParts) {
        guard let change = parts.metadata else { return }
        let merged = row.metadataCount > 0 ? metadataColumns.decode(row.metadataEntries).merged(with: change) : change
        let entries = metadataColumns.encode(merged)
        noteKeys(of: entries)
        row.metadata = entries.baseAddress
        row.metadataCount = UInt32(entries.count)
        row.flags = entries.isEmpty ? row.flags & ~MemtableRow.hasMetadata : row.flags | MemtableRow.hasMetadata
    }

    private func noteKeys(of entries: UnsafeBufferPointer<MetadataEntry>) {
        for entry in entries {
            let (number, kind) = (Int(entry.key), MetadataKinds(entry.kind))
            if number < metadataKeys.count {
                guard !metadataKeys[number].kinds.contains(kind) else { continue }
                metadataKeys[number].kinds.insert(kind)
                metadataKeysRevision += 1
            } else if number < Self.metadataKeysMax {
                // Numbers are given one after the other, each when an entry first has the key.
                metadataKeys.append(MetadataKey(name: metadataColumns.keys.string(of: entry.key), kinds: kind))
                metadataKeysRevision += 1
            }
        }
    }

    private func setVector(of row: inout MemtableRow, base: Int?, _ parts: RecordParts) {
        if let vector = parts.vector {
            vectors!.append(vector)
            row.flags |= MemtableRow.hasVector
        } else if row.flags & MemtableRow.hasVector != 0, let base {
            vectors!.appendCopy(ofRow: base)
        } else {
            vectors?.appendHole()
            vectorlessRows += 1
        }
    }

    /// The newest row of `identifier` that a reader with `rowCount` rows may see, dead or alive.
    func newestRow(of identifier: UnsafeRawBufferPointer, below rowCount: Int) -> Int? {
        guard rowCount > 0, let number = identifiers.find(identifier), var row = heads.newest(of: number) else { return nil }
        while Int(row) >= rowCount {
            row = rows[Int(row)].previous
            if row == MemtableRow.none { return nil }
        }
        return Int(row)
    }
}

/// The parts of a record to store. `nil`: none in a new record, unchanged in an update.
public struct RecordParts {
    public var vector: UnsafeBufferPointer<Float>?
    public var document: String?
    public var uri: String?
    /// In an update a change: fields without a value remove their key.
    public var metadata: Metadata?

    public init(vector: UnsafeBufferPointer<Float>? = nil, document: String? = nil, uri: String? = nil, metadata: Metadata? = nil) {
        self.vector = vector
        self.document = document
        self.uri = uri
        self.metadata = metadata
    }
}

extension MetadataKinds {
    fileprivate init(_ kind: MetadataKind) {
        self = switch kind {
        case .string, .strings: .string
        case .integer, .integers: .integer
        case .float, .floats: .float
        case .boolean, .booleans: .boolean
        case .sparse: .sparse
        }
    }
}
