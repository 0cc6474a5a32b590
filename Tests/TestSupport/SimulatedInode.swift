/// One file's bytes as the machine sees them and as the platter has them.
struct SimulatedInode {
    static let sectorBytes = 512

    /// What reads show: the page cache.
    private(set) var content: [UInt8] = []
    /// What a power loss leaves for certain.
    private var durable: [UInt8] = []
    /// For each sector written since the last sync, every state that it had: any of them may be on the platter.
    private var unsynced: [Int: [[UInt8]]] = [:]
    /// The lengths that the file has had since the last sync, in order: the platter may have got any number of the changes.
    private var unsyncedLengths: [Int] = []
    /// Sectors that count as clean since a sync failed although the platter may not have them.
    private var lost: Set<Int> = []

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        guard !bytes.isEmpty else { return }
        resize(to: max(content.count, offset + bytes.count))
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        for sector in offset / Self.sectorBytes...(offset + bytes.count - 1) / Self.sectorBytes {
            let end = min(content.count, (sector + 1) * Self.sectorBytes)
            unsynced[sector, default: []].append(Array(content[sector * Self.sectorBytes..<end]))
        }
    }

    mutating func resize(to count: Int) {
        guard count != content.count else { return }
        unsyncedLengths.append(count)
        if count < content.count { cutUnsynced(to: count) }
        Self.setLength(&content, count)
    }

    /// Writes what is dirty, and only that: what an earlier sync failed to write counts as clean and stays lost.
    mutating func sync() {
        // A file that was shorter for a moment has zeros behind that length unless they were written anew.
        if let shortest = unsyncedLengths.min(), shortest < durable.count { Self.setLength(&durable, shortest) }
        Self.setLength(&durable, content.count)
        for sector in unsynced.keys {
            let start = sector * Self.sectorBytes
            let end = min(content.count, start + Self.sectorBytes)
            if start < end { durable.replaceSubrange(start..<end, with: content[start..<end]) }
            lost.remove(sector)
        }
        forgetUnsynced()
    }

    /// What a failed sync does on Linux: some sectors are written, all of them count as clean, and reads still show everything.
    mutating func syncPartly(using random: inout SeededGenerator) {
        lost.formUnion(unsynced.keys)
        keepSome(using: &random)
        forgetUnsynced()
    }

    /// The system needs its memory: clean sectors are read again from the platter, and one that a failed sync lost shows it now.
    mutating func evictCleanSectors() {
        for sector in lost.sorted() where unsynced[sector] == nil {
            let start = sector * Self.sectorBytes
            let end = min(content.count, start + Self.sectorBytes)
            for index in start..<max(start, end) { content[index] = index < durable.count ? durable[index] : 0 }
        }
        lost = lost.filter { unsynced[$0] != nil }
    }

    /// Keeps of every unsynced sector any state that it had or none of them, and any of the lengths.
    mutating func losePower(using random: inout SeededGenerator) {
        keepSome(using: &random)
        content = durable
        lost = []
        forgetUnsynced()
    }

    /// Damages the platter, and what the machine sees with it.
    mutating func flipBit(_ bit: Int) {
        let (byte, mask) = (bit / 8, UInt8(1) << UInt8(bit % 8))
        if byte < content.count { content[byte] ^= mask }
        if byte < durable.count { durable[byte] ^= mask }
    }

    private mutating func keepSome(using random: inout SeededGenerator) {
        if !unsyncedLengths.isEmpty {
            for length in unsyncedLengths.prefix(Int.random(in: 0...unsyncedLengths.count, using: &random)) { Self.setLength(&durable, length) }
        }
        for sector in unsynced.keys.sorted() {
            guard let state = unsynced[sector]?.randomElement(using: &random), Bool.random(using: &random) else { continue }
            let start = sector * Self.sectorBytes
            let end = min(durable.count, start + state.count)
            guard start < end else { continue }
            durable.replaceSubrange(start..<end, with: state[..<(end - start)])
        }
    }

    private mutating func cutUnsynced(to count: Int) {
        for (sector, states) in unsynced where (sector + 1) * Self.sectorBytes > count {
            let kept = max(0, count - sector * Self.sectorBytes)
            unsynced[sector] = kept == 0 ? nil : states.map { Array($0.prefix(kept)) }
        }
    }

    private mutating func forgetUnsynced() {
        unsynced = [:]
        unsyncedLengths = []
    }

    private static func setLength(_ bytes: inout [UInt8], _ count: Int) {
        if count < bytes.count {
            bytes.removeLast(bytes.count - count)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: count - bytes.count))
        }
    }
}
