import ByteCoding
import Segments
import VectorModel

/// The invariants between the parts of a collection, which no checksum sees: ids, rows, tombstones, counts, keys.
struct SnapshotCheck {
    let snapshot: CollectionSnapshot
    /// What the manifest promises of its segments; `nil`: only what the snapshot itself promises is checked.
    var flushed: CollectionSnapshot?
    let collection: CollectionIdentifier
    /// Of the manifest, for findings about rows that lie in memory.
    let file: String

    /// Adds a finding for each kind of invariant that is broken in a part.
    ///
    /// Cost: every row's id, keys and metadata are read; some microseconds a row and 8 bytes of memory.
    func run(_ work: VerificationWork) {
        let records = snapshot.reader()
        let keys = MetadataKeyCheck(snapshot.metadataKeys)
        var insertionKeys: [UInt64] = []
        for (number, part) in snapshot.parts.enumerated() {
            guard checkShape(of: part, work) else { continue }
            do throws(Corruption) {
                try check(number, records, keys, &insertionKeys, work)
            } catch {
                work.add(error, collection: collection)
            }
            guard work.shouldContinue else { return }
        }
        insertionKeys.sort()
        if let place = insertionKeys.indices.dropFirst().first(where: { insertionKeys[$0] == insertionKeys[$0 - 1] }) {
            add("insertion keys of the living rows", expected: "each once", found: "\(insertionKeys[place]) more than once", in: nil, work)
        }
    }

    /// - Returns: whether the part's rows can be looked at.
    private func checkShape(of part: CollectionPart, _ work: VerificationWork) -> Bool {
        let dead = part.tombstones.rows
        guard dead.last ?? -1 < part.rowCount, dead.count == part.tombstones.count else {
            add("dead rows", expected: "rows less than \(part.rowCount)", found: "\(dead.last ?? 0)", in: part, work)
            return false
        }
        guard let segment = part.rows.segment else { return true }
        if let dimension = segment.dimension, dimension != snapshot.dimension {
            let expected = snapshot.dimension.map { "\($0) numbers per vector" } ?? "no vectors"
            add("dimension", expected: expected, found: "\(dimension)", in: part, work)
        }
        return true
    }

    private func check(
        _ number: Int, _ records: CollectionReader, _ keys: MetadataKeyCheck, _ insertionKeys: inout [UInt64], _ work: VerificationWork
    ) throws(Corruption) {
        let part = snapshot.parts[number]
        let bounds = part.rows.segment == nil ? snapshot : flushed ?? snapshot
        let reader = try records.reader(number)
        var seen: Set<String> = []
        func once(_ what: String, expected: String, found: String) {
            if seen.insert(what).inserted { add(what, expected: expected, found: found, in: part, work) }
        }
        for row in 0..<part.rowCount where !part.tombstones.contains(row) {
            let found = try reader.withIdentifier(of: row) { identifier in
                Result { () throws(Corruption) in try records.find(identifier) }
            }.get()
            if found != RowAddress(part: number, row: row) {
                let other = found.map { "row \($0.row) of part \($0.part)" } ?? "no row"
                once("id of a living row", expected: "row \(row) of part \(number), once among all parts", found: other)
            }
            let key = try reader.insertionKey(of: row)
            insertionKeys.append(key)
            if key >= bounds.nextInsertionKey {
                once("insertion key of row \(row)", expected: "less than \(bounds.nextInsertionKey)", found: "\(key)")
            }
            let sequence = try reader.sequence(of: row)
            if sequence > bounds.sequenceNumber {
                once("sequence number of row \(row)", expected: "at most \(bounds.sequenceNumber)", found: "\(sequence)")
            }
            if let metadata = try reader.metadata(of: row), !keys.cover(metadata) {
                once("metadata keys", expected: "every key and kind that a row has", found: "row \(row) with another")
            }
            work.countRow()
            if row.isMultiple(of: 4_096), !work.advance(0) { return }
        }
    }

    private func add(_ what: String, expected: String, found: String, in part: CollectionPart?, _ work: VerificationWork) {
        work.add(VerificationReport.Finding(
            .damage, file: part?.rows.segment?.path ?? file, what: what, expected: expected, found: found, collection: collection,
            remedy: VerificationReport.Finding.repair))
    }
}

/// Whether a collection's list of metadata keys has what its rows have.
struct MetadataKeyCheck {
    private var kinds: [String: MetadataKinds] = [:]
    /// Past the limit the list leaves keys out.
    private let isFull: Bool

    init(_ keys: [MetadataKey]) {
        for key in keys { kinds[key.name] = key.kinds }
        isFull = keys.count >= Memtable.metadataKeysMax
    }

    func cover(_ metadata: Metadata) -> Bool {
        metadata.fields.allSatisfy { field in
            guard let value = field.value else { return true }
            guard let known = kinds[field.key] else { return isFull }
            return known.contains(MetadataKinds(of: value))
        }
    }
}

extension MetadataKinds {
    /// An array counts as the kind of its elements.
    init(of value: MetadataValue) {
        self = switch value {
        case .string, .strings: .string
        case .integer, .integers: .integer
        case .float, .floats: .float
        case .boolean, .booleans: .boolean
        case .sparse: .sparse
        }
    }
}
