/// Bytes that are written once and never move, freed together: texts and metadata entries of a memtable.
///
/// Isolation is that of `StableArray`: one writer, readers only of what was published to them.
public final class ByteArena: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable` holds because allocations are written once, before they are published.

    private static let firstChunkBytes = 1 << 10
    private static let chunkBytesMax = 1 << 20

    private var chunks: [UnsafeMutableRawPointer] = []
    private var next = UnsafeMutableRawPointer(bitPattern: 8)!
    private var room = 0
    private var chunkBytes = ByteArena.firstChunkBytes
    /// Bytes handed out, for reports.
    public private(set) var usedBytes = 0

    public init() {}

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// `byteCount` fresh bytes aligned to 8. Writer only.
    public func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let rounded = (byteCount + 7) & ~7
        usedBytes += rounded
        if rounded > room {
            if rounded >= chunkBytes / 2 { return addChunk(rounded) }
            next = addChunk(chunkBytes)
            room = chunkBytes
            chunkBytes = min(chunkBytes * 2, Self.chunkBytesMax)
        }
        defer { next += rounded; room -= rounded }
        return next
    }

    /// A copy of `bytes` that lives as long as the arena. Writer only.
    public func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
        let place = allocate(bytes.count)
        if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: bytes.count) }
        return UnsafeRawPointer(place)
    }

    private func addChunk(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 8), alignment: 8)
        chunks.append(chunk)
        return chunk
    }
}
