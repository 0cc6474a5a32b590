import ByteCoding
import FileIO
import Segments
import VectorModel

/// Copies the rows of a damaged segment that can be read as a whole into a new one.
struct SegmentSalvage {
    let segment: Segment
    let dead: Tombstones
    /// What damage to the file means is told under this name, also where a patched copy of it is read.
    let path: String
    let session: RepairSession

    /// The living rows of which every part matches its checksums, in order; the others are reported as lost.
    ///
    /// Norms, codes and hash indexes are made anew: damage there costs no row.
    /// Cost: reads every living row.
    func readableRows(of cursor: SegmentCursor) -> [SegmentRows.Reference] {
        var rows: [SegmentRows.Reference] = []
        var identifiers: Set<String> = []
        var lastKey: UInt64?
        for row in 0..<segment.rowCount where !dead.contains(row) {
            do throws(Corruption) {
                let (identifier, key) = try readWhole(row, cursor)
                guard lastKey.map({ $0 < key }) ?? true, identifiers.insert(identifier).inserted else {
                    noteLost(row, cursor, "its id or insertion key contradicts those of rows before it")
                    continue
                }
                lastKey = key
                rows.append(SegmentRows.Reference(source: 0, row: row))
            } catch {
                noteLost(row, cursor, "\(error.what) at byte \(error.offset)")
            }
        }
        return rows
    }

    /// Writes the readable rows to a new segment; `nil` when there is none, or in a dry run.
    func write(_ description: SegmentDescription, in directory: String) throws(RepairFailure) -> Segment? {
        let cursor: SegmentCursor
        do throws(Corruption) {
            cursor = try segment.cursor()
        } catch {
            throw .unfinished("\(error)")
        }
        let rows = readableRows(of: cursor)
        session.report.savedRows += rows.count
        guard !rows.isEmpty, !session.options.isDryRun else { return nil }
        let reference: SegmentReference
        do throws(SegmentWriteError) {
            reference = try SegmentWriter.write(
                SegmentRows(sources: [cursor], rows: rows), as: description, in: directory, fileSystem: session.fileSystem)
        } catch {
            switch error {
            case .file(let error): throw .file(error)
            case .source, .unusableRow, .cancelled: throw .unfinished("the rows of \(path) cannot be written: \(error)")
            }
        }
        do throws(SegmentError) {
            return try Segment.open(directory + "/" + reference.fileName, fileSystem: session.fileSystem, expecting: reference)
        } catch {
            throw .unfinished("\(error.asCorruption(of: path))")
        }
    }

    private func readWhole(_ row: Int, _ cursor: SegmentCursor) throws(Corruption) -> (identifier: String, key: UInt64) {
        _ = try cursor.sequence(of: row)
        try cursor.withVector(of: row) { _ in }
        try cursor.withTexts(of: row) { _, _ in }
        _ = try cursor.metadata(of: row)
        let identifier = try cursor.withIdentifier(of: row) { String(decoding: $0, as: UTF8.self) }
        return (identifier, try cursor.insertionKey(of: row))
    }

    private func noteLost(_ row: Int, _ cursor: SegmentCursor, _ damage: String) {
        let identifier = session.options.namesIdentifiers
            ? try? cursor.withIdentifier(of: row, { String(decoding: $0, as: UTF8.self) }) : nil
        session.noteLost(.init(collection: segment.collection, file: path, row: row, identifier: identifier, damage: damage))
    }
}
