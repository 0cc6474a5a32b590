import ByteCoding

/// Gathers texts into blocks, compresses and writes each, and remembers where everything is.
///
/// Memory: one block, 16 bytes per row and per block.
final class SegmentTextBlocks {
    struct Block: BitwiseCopyable {
        let offset: UInt64
        let storedLength: UInt32
        let rawLength: UInt32
    }

    struct Place: BitwiseCopyable {
        let block: UInt32
        let offset: UInt32
        let documentLength: UInt32
        let uriLength: UInt32
    }

    private(set) var blocks: [Block] = []
    private(set) var places: [Place] = []
    private var open = ByteWriter(capacity: SegmentFormat.textBlockBytes)
    private var writtenBytes = 0

    /// Adds the texts of the next row, which lie together in one block.
    func append(
        _ document: UnsafeRawBufferPointer, _ uri: UnsafeRawBufferPointer, row: Int, to output: SequentialFileWriter
    ) throws(SegmentWriteError) {
        let count = document.count + uri.count
        guard count > 0 else { return places.append(Place(block: 0, offset: 0, documentLength: 0, uriLength: 0)) }
        guard count <= LZ4Block.sourceBytesMax else {
            throw .unusableRow(index: row, problem: "its texts have \(count) bytes; a block has at most \(LZ4Block.sourceBytesMax)")
        }
        if open.count > 0, open.count + count > SegmentFormat.textBlockBytes { try endBlock(output) }
        places.append(Place(
            block: UInt32(blocks.count), offset: UInt32(open.count), documentLength: UInt32(document.count), uriLength: UInt32(uri.count)))
        open.append(contentsOf: document)
        open.append(contentsOf: uri)
    }

    /// Writes the open block, compressed if that makes it shorter.
    func endBlock(_ output: SequentialFileWriter) throws(SegmentWriteError) {
        let rawLength = open.count
        guard rawLength > 0 else { return }
        let compressed = open.withUnsafeBytes { LZ4Block.compress($0, bytesMax: rawLength - 1) }
        if let compressed {
            try compressed.withUnsafeBytes { bytes throws(SegmentWriteError) in try output.append(bytes) }
        } else {
            try open.withUnsafeBytes { bytes throws(SegmentWriteError) in try output.append(bytes) }
        }
        let storedLength = compressed?.count ?? rawLength
        blocks.append(Block(offset: UInt64(writtenBytes), storedLength: UInt32(storedLength), rawLength: UInt32(rawLength)))
        writtenBytes += storedLength
        open.removeAll()
    }
}
