import ByteCoding
import Segments
import VectorModel

/// A collection's records as accepted so far, which writers change one at a time.
///
/// A change goes through three steps: `check` and `resolve`, which look at what is there and may fail, and `apply`, which cannot. Between them the
/// change takes its place in the log. Recovery and live writes come through the same three.
struct WorkingState: Sendable {
    let metric: Metric
    let element: VectorElement
    /// Of a memtable with so many rows filters want a lookup.
    private let lookupRowsMin: Int
    /// Parts that take no more rows: segments, and memtables that are being written to one. Their tombstones still grow.
    private(set) var sealed: [CollectionPart] = []
    /// Takes the new rows. Made with the first one, so that a collection at rest costs nothing.
    private(set) var memtable: Memtable?
    private var memtableTombstones = Tombstones()
    private var dimension: Int?
    private var nextInsertionKey: UInt64 = 1
    private var metadataKeys: [MetadataKey] = []
    private var notedKeysRevision = 0
    private(set) var lastNumber = SequenceNumber.zero

    /// The state that `snapshot` shows, for writing on: its segments and those of its memtables that are `sealed` and wholly shown stay, what else
    /// lies in a memtable is copied.
    init(copying snapshot: CollectionSnapshot, sealed: [CollectionPart], metric: Metric, element: VectorElement, lookupRowsMin: Int) {
        self.init(snapshot, metric: metric, element: element, lookupRowsMin: lookupRowsMin)
        for part in snapshot.parts {
            switch part.rows {
            case .segment: self.sealed.append(part)
            case .memtable(let rows):
                if sealed.contains(where: { $0.rows.identity == part.rows.identity && $0.rowCount == part.rowCount }) {
                    self.sealed.append(part)
                } else {
                    memtable = rows.copy(without: part.tombstones)
                    notedKeysRevision = memtable?.metadataKeysRevision ?? 0
                }
            }
        }
    }

    /// A collection whose records are all in segments.
    init(opening snapshot: CollectionSnapshot, metric: Metric, element: VectorElement, lookupRowsMin: Int) {
        self.init(snapshot, metric: metric, element: element, lookupRowsMin: lookupRowsMin)
        sealed = snapshot.parts
    }

    private init(_ snapshot: CollectionSnapshot, metric: Metric, element: VectorElement, lookupRowsMin: Int) {
        self.metric = metric
        self.element = element
        self.lookupRowsMin = lookupRowsMin
        dimension = snapshot.dimension
        nextInsertionKey = snapshot.nextInsertionKey
        metadataKeys = snapshot.metadataKeys
        lastNumber = snapshot.sequenceNumber
    }

    /// Bytes in memory that no segment holds yet, of rows still being written and of rows on their way.
    var memtableBytes: Int {
        var bytes = memtable?.usedBytes ?? 0
        for part in sealed {
            if case .memtable(let rows) = part.rows { bytes += rows.memtable.usedBytes }
        }
        return bytes
    }

    func snapshot() -> CollectionSnapshot {
        CollectionSnapshot(
            parts: parts, dimension: dimension, nextInsertionKey: nextInsertionKey, metadataKeys: metadataKeys, sequenceNumber: lastNumber)
    }

    private var parts: [CollectionPart] {
        guard let memtable, memtable.rowCount > 0 else { return sealed }
        return sealed + [CollectionPart(.memtable(memtable.reader()), tombstones: memtableTombstones)]
    }

    // MARK: Steps of a change

    /// - Throws: `dimensionMismatch`, and `invalid` for numbers that the collection cannot hold: what about a change depends on the collection.
    func check(_ change: RecordChange) throws(RequestError) {
        var dimension = dimension
        for case .write(let batch, _) in change.parts {
            try check(batch, dimension)
            dimension = dimension ?? batch.embeddings?.dimension
        }
    }

    private func check(_ batch: RecordBatch, _ dimension: Int?) throws(RequestError) {
        guard let embeddings = batch.embeddings else { return }
        if let dimension, embeddings.dimension != dimension {
            throw RequestError(.dimensionMismatch(expected: dimension, got: embeddings.dimension, inQuery: false))
        }
        guard case .float16 = element else { return }
        let largest = Float(Float16.greatestFiniteMagnitude)
        guard embeddings.values.allSatisfy({ $0.magnitude <= largest }) else {
            throw .invalid("embeddings", "has numbers beyond \(Int(largest)), the largest of float16")
        }
    }

    /// Finds out what a change means for the records that are there, and reads the versions that it builds on.
    /// - Throws: `Corruption` when a segment that must be looked at is damaged.
    func resolve(_ change: RecordChange) throws(Corruption) -> ResolvedChange {
        let reader = CollectionReader(parts)
        switch change {
        case .write, .delete: return try resolve(change.parts[0], reader)
        case .group(let changes):
            var resolved: [ResolvedChange] = []
            // No two name the same id, so none changes what another one finds.
            for change in changes { resolved.append(try resolve(change, reader)) }
            return .group(resolved)
        }
    }

    private func resolve(_ change: GroupedChange, _ reader: CollectionReader) throws(Corruption) -> ResolvedChange {
        switch change {
        case .write(let batch, let kind):
            var placements: [ResolvedChange.Placement] = []
            placements.reserveCapacity(batch.count)
            for row in 0..<batch.count { placements.append(try placement(of: row, in: batch, kind, reader)) }
            return .write(batch, placements)
        case .delete(let identifiers):
            var addresses: [RowAddress] = []
            for identifier in identifiers {
                if let address = try reader.find(identifier) { addresses.append(address) }
            }
            return .delete(addresses)
        }
    }

    private func placement(
        of row: Int, in batch: RecordBatch, _ kind: WriteKind, _ reader: CollectionReader
    ) throws(Corruption) -> ResolvedChange.Placement {
        let existing = try reader.find(batch.identifiers[row])
        switch (kind, existing) {
        case (.add, nil), (.upsert, nil): return .insert
        case (.add, .some), (.update, nil): return .skip
        case (.update, let address?), (.upsert, let address?):
            // The active memtable keeps the versions of a record together; one from elsewhere is copied into it.
            guard address.part < sealed.count else { return .version(row: address.row) }
            let kept = RecordFields.all.subtracting(batch.fields(of: row))
            return .replacement(of: address, try BaseRecord(reader.reader(address.part), row: address.row, kept))
        }
    }

    /// Applies a change that was resolved against this state.
    mutating func apply(_ change: ResolvedChange, at number: SequenceNumber) {
        lastNumber = number
        apply(change)
        noteMetadataKeys()
    }

    private mutating func apply(_ change: ResolvedChange) {
        switch change {
        case .write(let batch, let placements): apply(batch, placements)
        case .delete(let addresses): addresses.forEach { kill($0) }
        case .group(let changes): changes.forEach { apply($0) }
        }
    }

    private mutating func apply(_ batch: RecordBatch, _ placements: [ResolvedChange.Placement]) {
        if let batchDimension = batch.embeddings?.dimension { dimension = batchDimension }
        let table = memtable ?? Memtable(metric: metric, dimension: dimension, element: element, lookupRowsMin: lookupRowsMin)
        memtable = table
        if let dimension { table.fixDimension(dimension) }
        batch.forEachRecord { row, parts in
            switch placements[row] {
            case .skip: break
            case .insert:
                table.append(batch.identifiers[row], parts, insertionKey: nextInsertionKey, sequence: lastNumber)
                nextInsertionKey += 1
            case .version(let base):
                table.appendVersion(of: base, parts, sequence: lastNumber)
                memtableTombstones.insert(base)
            case .replacement(let address, let base):
                base.withParts(changedBy: parts) {
                    table.append(batch.identifiers[row], $0, insertionKey: base.insertionKey, sequence: lastNumber)
                }
                sealed[address.part].tombstones.insert(address.row)
            }
        }
    }

    private mutating func kill(_ address: RowAddress) {
        if address.part < sealed.count {
            sealed[address.part].tombstones.insert(address.row)
        } else {
            memtableTombstones.insert(address.row)
        }
    }

    /// Adds the keys that the memtable saw first to those of the collection.
    private mutating func noteMetadataKeys() {
        guard let memtable, memtable.metadataKeysRevision != notedKeysRevision else { return }
        notedKeysRevision = memtable.metadataKeysRevision
        metadataKeys.formUnion(memtable.metadataKeys, countMax: Memtable.metadataKeysMax)
    }

    // MARK: Maintenance

    /// Takes no more rows into the memtable: a new one is begun with the next row.
    mutating func seal() {
        sealed = parts
        memtable = nil
        memtableTombstones = Tombstones()
        notedKeysRevision = 0
    }

    /// Puts a segment in the place of the parts that it was written from.
    mutating func replace(_ replacement: PartReplacement) throws(Corruption) {
        var snapshot = CollectionSnapshot()
        snapshot.parts = sealed
        sealed = try snapshot.replacing(replacement).parts
    }
}

extension [MetadataKey] {
    /// Adds keys and kinds that are new.
    fileprivate mutating func formUnion(_ others: [MetadataKey], countMax: Int) {
        var places = [String: Int](minimumCapacity: count)
        for (place, key) in enumerated() { places[key.name] = place }
        for other in others {
            if let place = places[other.name] {
                self[place].kinds.formUnion(other.kinds)
            } else if count < countMax {
                places[other.name] = count
                append(other)
            }
        }
    }
}
