import ByteCoding
import Durability
import Segments
import VectorModel

/// What a manifest says of a segment, and the file that it means.
extension CollectionManifest.SegmentEntry {
    /// - Parameter collection: whose manifest it is for.
    init(_ segment: Segment, dead: Tombstones, in collection: CollectionIdentifier) {
        let reference = segment.reference
        self.init(
            number: reference.number, fileBytes: reference.fileBytes, rowCount: reference.rowCount, checksum: reference.checksum,
            deadRows: dead.rows, owner: segment.collection == collection ? nil : segment.collection)
    }

    /// What tells that a file was written for another collection than the manifest of `collection` says; `nil` if nothing does.
    func mismatch(of segment: Segment, in collection: CollectionIdentifier) -> Corruption? {
        let expected = owner ?? collection
        guard segment.collection != expected else { return nil }
        return Corruption(
            file: segment.path, offset: 0, what: "segment file, collection", expected: "\(expected)", found: "\(segment.collection)")
    }
}
