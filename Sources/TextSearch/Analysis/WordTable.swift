#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Numbers words in the order in which they come: a hash table with open addressing over one arena of bytes.
///
/// Hashed with Swift's seeded hash, so that nobody can choose words that collide. Cost: O(length) for a look-up; a word takes its bytes and about 30
/// more.
struct WordTable: ~Copyable {
    private struct Entry {
        let start: Int
        let count: Int
        let hash: Int
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// Entry numbers plus one; 0 for a free place. A power of two of them, at least a third free.
    private var slots = [Int32](repeating: 0, count: 64)

    var count: Int { entries.count }

    /// The word with a number.
    func word(_ number: Int) -> ArraySlice<UInt8> {
        let entry = entries[number]
        return bytes[entry.start..<entry.start + entry.count]
    }

    /// The word's number and whether it is new. A word has at least one byte.
    mutating func number(_ word: UnsafeBufferPointer<UInt8>) -> (number: Int, isNew: Bool) {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(word))
        let hash = hasher.finalize()
        var slot = hash & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if entries[number].hash == hash, isEqual(entries[number], word) { return (number, false) }
            slot = (slot + 1) & (slots.count - 1)
        }
        precondition(entries.count < Int(Int32.max) - 1)
        entries.append(Entry(start: bytes.count, count: word.count, hash: hash))
        bytes.append(contentsOf: word)
        slots[slot] = Int32(entries.count)
        if entries.count * 3 > slots.count * 2 { grow() }
        return (entries.count - 1, true)
    }

    private func isEqual(_ entry: Entry, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard entry.count == word.count else { return false }
        // SAFETY: the entry's bytes lie in the arena, and both have as many.
        return bytes.withUnsafeBufferPointer { memcmp($0.baseAddress! + entry.start, word.baseAddress!, word.count) == 0 }
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = entry.hash & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number + 1)
        }
    }
}
