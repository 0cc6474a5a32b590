internal import ByteCoding
internal import FoundationEssentials
internal import VectorModel

/// How a manifest says which rows of a segment are dead.
enum DeadRowsForm: UInt8 {
    /// Varints: the first row, then for each further one how many alive rows lie before it.
    case gaps = 0
    /// One bit for each row, lowest first.
    case bitmap = 1
}

extension CollectionManifest {
    /// The payload of the manifest file. The caller keeps the invariants; what breaks them would not be read back, and stops us here.
    func encoded() -> ByteBlock {
        precondition(Set(segments.map(\.number)).count == segments.count, "two segments have one number")
        var writer = ByteWriter()
        withUnsafeBytes(of: collection.uuid.uuid) { writer.append(contentsOf: $0) }
        writer.append(metric.rawValue)
        writer.appendVarint(UInt64(dimension ?? 0))
        writer.appendVarint(flushedThrough.rawValue)
        writer.appendVarint(nextInsertionKey)
        writer.appendVarint(nextSegmentNumber)
        writer.appendVarint(UInt64(metadataKeys.count))
        for key in metadataKeys {
            writer.append(lengthPrefixed: key.name)
            writer.append(key.kinds.rawValue)
        }
        writer.appendVarint(UInt64(segments.count))
        for segment in segments {
            precondition(segment.number > 0 && segment.number < nextSegmentNumber, "a segment number that was not given out")
            segment.encode(into: &writer)
        }
        if version > 1 { encodeOwners(into: &writer) }
        return writer.finish()
    }

    /// Which segments were written for other collections, by their places in the list.
    private func encodeOwners(into writer: inout ByteWriter) {
        let owners = segments.enumerated().compactMap { place, segment in segment.owner.map { (place, $0) } }
        writer.appendVarint(UInt64(owners.count))
        for (place, owner) in owners {
            precondition(owner != collection, "a segment's owner is told only where it is another collection")
            writer.appendVarint(UInt64(place))
            withUnsafeBytes(of: owner.uuid.uuid) { writer.append(contentsOf: $0) }
        }
    }
}

extension CollectionManifest.SegmentEntry {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.appendVarint(number)
        writer.appendVarint(UInt64(fileBytes))
        writer.appendVarint(UInt64(rowCount))
        writer.append(checksum)
        writer.appendVarint(UInt64(deadRows.count))
        guard !deadRows.isEmpty else { return }
        let bitmapBytes = (rowCount + 7) / 8
        if gapBytes(upTo: bitmapBytes) <= bitmapBytes {
            writer.append(DeadRowsForm.gaps.rawValue)
            forEachGap { writer.appendVarint($0) }
        } else {
            writer.append(DeadRowsForm.bitmap.rawValue)
            appendBitmap(bitmapBytes, to: &writer)
        }
    }

    /// How long the gaps are as varints; counting stops past `limit`.
    private func gapBytes(upTo limit: Int) -> Int {
        guard deadRows.count <= limit else { return limit + 1 }
        var bytes = 0
        forEachGap { gap in bytes += max(1, (70 - (gap | 1).leadingZeroBitCount) / 7) }
        return bytes
    }

    private func forEachGap(_ body: (UInt64) -> Void) {
        var next = 0
        for row in deadRows {
            precondition(row >= next && row < rowCount, "dead rows out of order or bounds")
            body(UInt64(row - next))
            next = row + 1
        }
    }

    private func appendBitmap(_ count: Int, to writer: inout ByteWriter) {
        var bitmap = [UInt8](repeating: 0, count: count)
        for row in deadRows {
            precondition(row < rowCount, "a dead row out of bounds")
            bitmap[row / 8] |= 1 << UInt8(row % 8)
        }
        bitmap.withUnsafeBytes { writer.append(contentsOf: $0) }
    }
}
