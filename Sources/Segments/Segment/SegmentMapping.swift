import ByteCoding
import FileIO
import Synchronization

/// The bytes of a mapped segment file, each block of which is compared with its checksum before it is first used.
///
/// Isolation: any number of threads. Two that need the same block at the same time may both check it.
///
/// Cost: one bit test per use of a checked block; 2 µs for a block's first use, besides reading it from the disk.
final class SegmentMapping: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable`: the mapped bytes are never written, the bits of `checked` are atomic and freed in deinit only.
    private let mapping: any FileMapping
    /// The first byte of the file. Bytes at and after `coveredBytes` are not to be read through it.
    let base: UnsafeRawPointer
    private let checksums: UnsafePointer<UInt32>
    private let checked: UnsafeMutablePointer<Atomic<UInt64>>
    private let checkedWords: Int
    let blockCount: Int
    /// Where the sections end.
    let coveredBytes: Int
    let path: String
    let damage: SegmentDamage

    private static let blockShift = 14

    /// Maps an open file.
    /// - Throws: `Corruption` when its length or checksum table are not those of `trailer`.
    init(_ file: any File, trailer: SegmentTrailer, path: String, damage: SegmentDamage) throws(SegmentError) {
        precondition(1 << Self.blockShift == SegmentFormat.blockBytes)
        do throws(FileError) { mapping = try file.map() } catch { throw .file(error) }
        let bytes = mapping.bytes
        // `fileLength` is not 0: the trailer alone has more.
        guard bytes.count == trailer.fileLength, let base = bytes.baseAddress else {
            throw .corruption(damage.report(Corruption(
                file: path, offset: 0, what: "segment file length", expected: "\(trailer.fileLength) bytes", found: "\(bytes.count) bytes")))
        }
        let table = UnsafeRawBufferPointer(rebasing: bytes[trailer.checksumTableOffset..<trailer.sectionTableOffset])
        let found = crc32c(table)
        guard found == trailer.checksumTableChecksum else {
            throw .corruption(damage.report(Corruption(
                file: path, offset: trailer.checksumTableOffset, what: "segment checksum table, checksum",
                expected: hexadecimal(trailer.checksumTableChecksum), found: hexadecimal(found))))
        }
        self.base = base
        // SAFETY: the table begins at a multiple of 64 of a mapping, which begins at a page, and has 4 bytes per block.
        checksums = (base + trailer.checksumTableOffset).assumingMemoryBound(to: UInt32.self)
        coveredBytes = trailer.checksumTableOffset
        blockCount = trailer.checksumTableLength / 4
        checkedWords = (blockCount + 63) / 64
        checked = .allocate(capacity: checkedWords)
        for word in 0..<checkedWords { (checked + word).initialize(to: Atomic(0)) }
        self.path = path
        self.damage = damage
    }

    deinit {
        checked.deinitialize(count: checkedWords)
        checked.deallocate()
    }

    /// Returns once the blocks that hold `count` bytes from `offset` on, all below `coveredBytes`, are known to be as written.
    @inline(__always)
    func ensure(_ offset: Int, _ count: Int) throws(Corruption) {
        guard count > 0 else { return }
        let first = offset >> Self.blockShift
        let last = (offset &+ count &- 1) >> Self.blockShift
        if first == last, isChecked(first) { return }
        try check(first...last)
    }

    /// Says how the file's bytes are read from now on.
    ///
    /// For lookups pages are read one by one where they are touched, but for the vectors and codes, which searches go through.
    func advise(_ use: Use, _ layout: SegmentLayout) {
        switch use {
        case .everything: mapping.advise(.sequential, in: 0..<coveredBytes)
        case .nothing: mapping.advise(.dontNeed, in: 0..<coveredBytes)
        case .lookups:
            mapping.advise(.random, in: 0..<coveredBytes)
            for section in [SegmentSection.vectors, .inverseNorms, .codes, .codeParameters] where layout[section].length > 0 {
                mapping.advise(.normal, in: layout[section].offset..<layout[section].end)
            }
        }
    }

    /// What the mapping is used for.
    enum Use {
        case lookups
        /// From front to back, once.
        case everything
        /// Not at all for now.
        case nothing
    }

    @inline(__always)
    private func isChecked(_ block: Int) -> Bool {
        // SAFETY: callers give offsets below `coveredBytes`, so the block is below `blockCount`.
        (checked + block >> 6).pointee.load(ordering: .relaxed) & (1 << UInt64(block & 63)) != 0
    }

    @inline(never)
    private func check(_ blocks: ClosedRange<Int>) throws(Corruption) {
        precondition(blocks.lowerBound >= 0 && blocks.upperBound < blockCount)
        for block in blocks where !isChecked(block) {
            if let corruption = verify(block) { throw damage.report(corruption) }
            (checked + block >> 6).pointee.bitwiseOr(1 << UInt64(block & 63), ordering: .relaxed)
        }
    }

    /// Compares a block with its checksum, whether or not that was done before.
    func verify(_ block: Int) -> Corruption? {
        let start = block << Self.blockShift
        let end = min(start + SegmentFormat.blockBytes, coveredBytes)
        let found = crc32c(UnsafeRawBufferPointer(start: base + start, count: end - start))
        let expected = checksums[block]
        guard found != expected else { return nil }
        return Corruption(
            file: path, offset: start, what: "segment block of \(end - start) bytes, checksum", expected: hexadecimal(expected),
            found: hexadecimal(found))
    }
}
