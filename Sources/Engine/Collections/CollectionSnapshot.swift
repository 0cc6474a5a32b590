import ByteCoding
import Segments
import VectorModel

/// A collection at one sequence number: a value that keeps everything it shows alive.
struct CollectionSnapshot: Sendable {
    var parts: [CollectionPart] = []
    /// Numbers per vector; `nil` until a vector was written. Stays when all records go.
    var dimension: Int?
    /// The key that the next new record gets.
    var nextInsertionKey: UInt64 = 1
    /// Every metadata key that a record has had, living or not, in the order in which they first came; of more than 10,000 the first.
    var metadataKeys: [MetadataKey] = []
    /// The last change that it shows.
    var sequenceNumber = SequenceNumber.zero

    var liveCount: Int { parts.reduce(0) { $0 + $1.liveCount } }

    /// Reads the records; one thread each.
    func reader() -> CollectionReader { CollectionReader(parts) }

    /// The same records with some parts replaced by a segment that holds what was alive in them at an earlier moment.
    ///
    /// What has died since then is dead in the segment too; it is looked up by id, which is cheap since it is little.
    /// - Returns: itself if it does not have all of these parts.
    func replacing(_ replacement: PartReplacement) throws(Corruption) -> CollectionSnapshot {
        var places: [(part: Int, old: CollectionPart)] = []
        for old in replacement.old {
            if let part = parts.firstIndex(where: { $0.rows.identity == old.rows.identity }) { places.append((part, old)) }
        }
        guard places.count == replacement.old.count, let first = places.map(\.part).min() else { return self }
        var replaced = self
        if let segment = replacement.segment {
            var tombstones = Tombstones()
            let cursor = try segment.cursor()
            for (part, old) in places { try replacement.mapDeaths(in: parts[part], since: old, to: cursor, &tombstones) }
            replaced.parts[first] = CollectionPart(.segment(segment), tombstones: tombstones)
        }
        let gone = Set(places.map(\.part)).subtracting(replacement.segment == nil ? [] : [first])
        replaced.parts = replaced.parts.indices.filter { !gone.contains($0) }.map { replaced.parts[$0] }
        return replaced
    }
}

/// Parts of a collection and the segment that takes their place.
struct PartReplacement {
    /// The parts as they were when the segment was written from them.
    let old: [CollectionPart]
    /// Holds exactly what was alive in `old`; `nil` if nothing was.
    let segment: Segment?

    /// Marks in the new segment what has died in a part.
    fileprivate func mapDeaths(
        in part: CollectionPart, since old: CollectionPart, to cursor: SegmentCursor, _ tombstones: inout Tombstones
    ) throws(Corruption) {
        guard part.tombstones.count > old.tombstones.count else { return }
        let reader = try part.rows.reader()
        try part.tombstones.forEach(notIn: old.tombstones) { (row) throws(Corruption) in
            let found = try reader.withIdentifier(of: row) { identifier in
                Result { () throws(Corruption) in try cursor.find(identifier) }
            }.get()
            if let found { tombstones.insert(found) }
        }
    }
}
