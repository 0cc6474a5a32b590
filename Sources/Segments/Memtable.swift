public import ColumnStore
import Indexes
import Synchronization
public import VectorModel

/// The records of a collection that are in memory: row versions in the order written, found by id, by scan and by snapshot.
///
/// Invariants:
/// 1. A row never changes once appended. An update appends a new version and puts a tombstone on the old one.
/// 2. The versions of one id form a chain through `previous`, newest first; at most one of them is alive in any snapshot.
/// 3. A row without a vector has no place among a search's answers.
///
/// Isolation: one writer (the collection's lock sees to it) appends and deletes in the *working state*; `snapshot()` freezes that state as a value.
/// Readers work on snapshots only, at the same time and without locks: rows below a snapshot's `rowCount` are immutable, its tombstones are a value.
///
/// Cost: append O(bytes of the record); find O(length of the id + versions newer than the snapshot); memory 52 bytes a row besides its data.
public final class Memtable: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable`: the mutable properties belong to the writer; what readers share is append-only or atomic (see Isolation).

    public let metric: Metric
    public let metadataColumns = MetadataColumns()
    let rows = StableArray<MemtableRow>()
    let identifiers = StringTable()
    private let heads = NewestRows()
    private let texts = ByteArena()

    /// `nil` until the dimension is fixed.
    private(set) var vectors: VectorRows?
    private var tombstones = Tombstones()
    private var vectorlessRows = 0
    /// False once a row has been appended whose insertion key is not the largest so far.
    private var isInInsertionOrder = true
    private var largestInsertionKey: UInt64 = 0
    /// By key number: every key that a record has had, up to `metadataKeysMax`. A value, so that a snapshot keeps what it saw.
    private var metadataKeys: [MetadataKey] = []
    /// Bounds what one new key may cost: the list is copied when a snapshot shares it.
    private static let metadataKeysMax = 10_000

    public init(metric: Metric, dimension: Int? = nil) {
        self.metric = metric
        if let dimension { vectors = VectorRows(dimension: dimension, metric: metric) }
    }

    public var dimension: Int? { vectors?.dimension }

    /// Rows appended, dead ones included.
    public var rowCount: Int { rows.count }

    public var liveCount: Int { rows.count - tombstones.count }

    /// The working state as it is now.
    public func snapshot() -> MemtableSnapshot {
        MemtableSnapshot(
            memtable: self, vectors: vectors, rowCount: rows.count, tombstones: tombstones, hasVectorlessRows: vectorlessRows > 0,
            isInInsertionOrder: isInInsertionOrder, metadataKeys: metadataKeys)
    }

    // MARK: Writing

    /// The living row of `identifier` in the working state.
    public func find(_ identifier: String) -> VectorOrdinal? {
        guard let number = identifiers.find(identifier), let row = heads.newest(of: number), !tombstones.contains(Int(row)) else { return nil }
        return VectorOrdinal(row)
    }

    /// Fixes the dimension if no vector has done so yet.
    public func fixDimension(_ dimension: Int) {
        guard vectors == nil else { return precondition(vectors!.dimension == dimension, "the engine checks dimensions before it writes") }
        vectors = VectorRows(dimension: dimension, metric: metric, rowsBefore: rows.count)
    }

    /// Appends a record that does not exist.
    /// - Parameters:
    ///   - parts: its vector, if any, has the dimension fixed before.
    ///   - insertionKey: larger than every key given to a new record before.
    public func insert(_ identifier: String, _ parts: RecordParts, insertionKey: UInt64) {
        append(identifier: identifiers.intern(identifier), base: nil, parts, insertionKey: insertionKey)
    }

    /// Replaces a living row by a version in which the given parts are changed; what `parts` leaves out is kept, shared with the old version.
    public func update(_ ordinal: VectorOrdinal, _ parts: RecordParts) {
        let base = rows[ordinal.index]
        append(identifier: base.identifier, base: (ordinal.index, base), parts, insertionKey: base.insertionKey)
        tombstones.insert(ordinal.index)
    }

    public func delete(_ ordinal: VectorOrdinal) {
        tombstones.insert(ordinal.index)
    }

    private func append(identifier: UInt32, base: (index: Int, row: MemtableRow)?, _ parts: RecordParts, insertionKey: UInt64) {
        let index = rows.count
        var row = base?.row
            ?? MemtableRow(
                text: nil, metadata: nil, insertionKey: insertionKey, documentBytes: -1, uriBytes: -1, identifier: identifier,
                metadataCount: 0, previous: MemtableRow.none, flags: 0)
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
                if !metadataKeys[number].kinds.contains(kind) { metadataKeys[number].kinds.insert(kind) }
            } else if number < Self.metadataKeysMax {
                // Numbers are given one after the other, each when an entry first has the key.
                metadataKeys.append(MetadataKey(name: metadataColumns.keys.string(of: entry.key), kinds: kind))
            }
        }
    }

    /// Keeps the keys and their numbers of a table that this one replaces. Only while it is empty.
    func adopt(_ keys: [MetadataKey]) {
        for key in keys { _ = metadataColumns.keys.intern(key.name) }
        metadataKeys = keys
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
    func newestRow(of identifier: String, below rowCount: Int) -> Int? {
        guard let number = identifiers.find(identifier), var row = heads.newest(of: number) else { return nil }
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
        }
    }
}
