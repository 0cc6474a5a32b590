import ByteCoding
import Durability
import Segments
import VectorModel

/// Makes a manifest of segments when the one that there was is lost, or contradicts them.
struct ManifestRebuild {
    /// One segment and those of its rows that are known to be dead.
    struct Part {
        let segment: Segment
        var dead: Tombstones
    }

    let identifier: CollectionIdentifier
    let metric: Metric
    /// In ascending order of their numbers.
    private(set) var parts: [Part]
    private(set) var lastSequence = SequenceNumber.zero
    private var nextInsertionKey: UInt64 = 1
    private var metadataKeys = MetadataKeyList()

    init(_ identifier: CollectionIdentifier, _ metric: Metric, _ parts: [Part]) {
        self.identifier = identifier
        self.metric = metric
        self.parts = parts.sorted { $0.segment.reference.number < $1.segment.reference.number }
    }

    /// Finds the newest version of each id; the others are dead. Of versions of one change, that of the segment with the highest number stays.
    ///
    /// Cost: reads every row's id, keys and metadata; memory of some 100 bytes per living row.
    /// - Parameters:
    ///   - deletes: what the log tells of ids that were deleted, and by which change.
    ///   - floor: everything up to it was in the manifest; a start does not read it from the log.
    mutating func resolve(_ deletes: [RepairLog.Delete], through floor: SequenceNumber) throws(Corruption) {
        lastSequence = floor
        var newest: [String: (part: Int, row: Int, sequence: SequenceNumber)] = [:]
        for number in parts.indices {
            let cursor = try parts[number].segment.cursor()
            for row in 0..<cursor.rowCount {
                let sequence = try cursor.sequence(of: row)
                lastSequence = max(lastSequence, sequence)
                let key = try cursor.insertionKey(of: row)
                nextInsertionKey = max(nextInsertionKey, key.successor)
                if let metadata = try cursor.metadata(of: row) { note(metadata) }
                guard !parts[number].dead.contains(row) else { continue }
                let identifier = try cursor.withIdentifier(of: row) { String(decoding: $0, as: UTF8.self) }
                if let other = newest[identifier] {
                    guard sequence >= other.sequence else {
                        parts[number].dead.insert(row)
                        continue
                    }
                    parts[other.part].dead.insert(other.row)
                }
                newest[identifier] = (number, row, sequence)
            }
        }
        for delete in deletes where delete.number <= lastSequence {
            for identifier in delete.identifiers {
                guard let row = newest[identifier], row.sequence < delete.number else { continue }
                parts[row.part].dead.insert(row.row)
            }
        }
    }

    private mutating func note(_ metadata: Metadata) {
        for field in metadata.fields {
            if let value = field.value { metadataKeys.add(field.key, MetadataKinds(of: value)) }
        }
    }

    /// The manifest after `known`, or the first one.
    /// - Parameter editMin: what the number of the manifest must exceed.
    func manifest(after known: CollectionManifest?, editMin: UInt64, nextSegmentNumber: UInt64) -> CollectionManifest {
        var keys = MetadataKeyList()
        for key in (known?.metadataKeys ?? []) + metadataKeys.keys { keys.add(key.name, key.kinds) }
        return CollectionManifest(
            collection: identifier, edit: max(known?.edit ?? 0, editMin).successor, flushedThrough: max(known?.flushedThrough ?? .zero, lastSequence),
            nextInsertionKey: max(known?.nextInsertionKey ?? 1, nextInsertionKey),
            nextSegmentNumber: max(known?.nextSegmentNumber ?? 1, nextSegmentNumber),
            dimension: known?.dimension ?? parts.lazy.compactMap(\.segment.dimension).first, metric: metric, metadataKeys: keys.keys,
            segments: parts.map { CollectionManifest.SegmentEntry($0.segment, dead: $0.dead, in: identifier) })
    }
}

/// Metadata keys in the order in which they came, each once.
private struct MetadataKeyList {
    private(set) var keys: [MetadataKey] = []
    private var places: [String: Int] = [:]

    /// Keys past the limit are left out, as in a live collection.
    mutating func add(_ name: String, _ kinds: MetadataKinds) {
        if let place = places[name] {
            keys[place].kinds.formUnion(kinds)
        } else if keys.count < Memtable.metadataKeysMax {
            places[name] = keys.count
            keys.append(MetadataKey(name: name, kinds: kinds))
        }
    }
}

extension UInt64 {
    /// One more, as long as there is one: numbers from files may be any.
    var successor: UInt64 { self == .max ? self : self + 1 }
}
