import ByteCoding
import FileIO
import Segments
import VectorModel

/// The living rows of some parts, in the order in which their records were first inserted: what becomes a new segment.
struct SegmentMerge {
    private let rows: SegmentRows
    /// The readers of the parts that lie on disk.
    private let cursors: [SegmentCursor]

    /// Cost: linear in the rows, and a sort of them where parts interleave; 24 bytes per row meanwhile.
    init(_ parts: [CollectionPart]) throws(MaintenanceError) {
        let records = CollectionReader(parts)
        do throws(Corruption) {
            var sources: [any StoredRows] = []
            var cursors: [SegmentCursor] = []
            for part in parts.indices {
                let reader = try records.reader(part)
                sources.append(reader)
                if case .segment(let cursor) = reader { cursors.append(cursor) }
            }
            self.cursors = cursors
            let addresses = try records.addressesInInsertionOrder(parts.map { $0.alive() })
            rows = SegmentRows(sources: sources, rows: addresses.map { SegmentRows.Reference(source: $0.part, row: $0.row) })
        } catch {
            throw .damage(error)
        }
    }

    /// Which row of the new segment each row of a part becomes; `UInt32.max` for one that is dead. Cost: linear in the rows of all parts.
    func newRows(of part: Int, rowCount: Int) -> [UInt32] {
        var places = [UInt32](repeating: .max, count: rowCount)
        for (new, old) in rows.rows.enumerated() where old.source == UInt32(part) { places[Int(old.row)] = UInt32(new) }
        return places
    }

    func write(
        _ description: SegmentDescription, to directory: String, _ fileSystem: any FileSystem, pace: () throws(MaintenanceError) -> Void
    ) throws(MaintenanceError) -> SegmentReference {
        cursors.forEach { $0.willReadEverything() }
        defer { cursors.forEach { $0.didReadEverything() } }
        var stop: MaintenanceError?
        do throws(SegmentWriteError) {
            return try SegmentWriter.write(rows, as: description, in: directory, fileSystem: fileSystem) { (_) throws(SegmentWriteError) in
                do throws(MaintenanceError) {
                    try pace()
                } catch {
                    stop = error
                    throw .cancelled
                }
            }
        } catch {
            switch error {
            case .source(let corruption): throw .damage(corruption)
            case .file(let error): throw .file(error)
            case .unusableRow: throw .unusable(error.description)
            case .cancelled: throw stop ?? .stopped
            }
        }
    }
}
