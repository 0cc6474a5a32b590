import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Numbers for strings: each distinct byte string gets the next number, from 0, and keeps it.
///
/// Record ids, metadata keys and metadata strings are interned here, so that rows hold 4-byte numbers and `$eq` compares integers.
///
/// Invariants:
/// 1. `find` after `intern` of the same bytes returns the same number, on any thread that was ordered after it.
/// 2. A number's bytes never move or change while the table lives.
///
/// Isolation: one writer calls `intern`; any number of readers call `find` and `bytes` at the same time without locks. Slots are atomic;
/// an outgrown slot table is kept until the table dies, since a reader may still probe it (it then misses only strings that are newer than what it may see).
///
/// Cost: expected O(length); 4 bytes per slot at most 2/3 full, 24 bytes per string, and the bytes.
public final class StringTable: @unchecked Sendable {
    // SAFETY: `@unchecked Sendable` holds because `current` is atomic, slots are atomic, and entries are published by a slot's releasing store.

    private struct Entry: BitwiseCopyable {
        var bytes: UnsafeRawPointer
        var count: UInt32
        var hash: UInt32
    }

    private final class Slots: Sendable {
        // SAFETY: allocated once and freed in deinit; only atomics inside.
        nonisolated(unsafe) let slots: UnsafeMutablePointer<Atomic<UInt32>>
        let mask: Int

        init(capacity: Int) {
            slots = .allocate(capacity: capacity)
            for index in 0..<capacity { (slots + index).initialize(to: Atomic(0)) }
            mask = capacity - 1
        }

        deinit {
            slots.deinitialize(count: mask + 1)
            slots.deallocate()
        }
    }

    private let entries = StableArray<Entry>()
    private let arena = ByteArena()
    private let current: Atomic<UnsafeRawPointer>
    /// Every slot table made, the last one current. Owns what `current` points at.
    private var tables: [Slots]
    private let seed: UInt64

    /// - Parameter seed: makes the probe order differ between tables, so that chosen strings cannot be made to collide everywhere.
    public init(seed: UInt64 = .random(in: 0 ... .max)) {
        let slots = Slots(capacity: 16)
        tables = [slots]
        current = Atomic(UnsafeRawPointer(Unmanaged.passUnretained(slots).toOpaque()))
        self.seed = seed
    }

    /// Strings interned so far. Writer only.
    public var count: Int { entries.count }

    /// About how many bytes the table takes. Writer only.
    public var usedBytes: Int { arena.usedBytes + entries.count * MemoryLayout<Entry>.stride + 4 * (tables[tables.count - 1].mask + 1) }

    /// The number of `bytes`, given now if it has none. Writer only.
    public func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = hash(of: bytes)
        let slots = tables[tables.count - 1]
        if let found = probe(slots, bytes, hash).number { return found }
        if (entries.count + 1) * 3 > (slots.mask + 1) * 2 { grow() }
        let place = probe(tables[tables.count - 1], bytes, hash).slot
        let number = UInt32(entries.count)
        entries.append(Entry(bytes: arena.copy(bytes), count: UInt32(bytes.count), hash: hash))
        tables[tables.count - 1].slots[place].store(number + 1, ordering: .releasing)
        return number
    }

    /// Interns the UTF-8 of `string`. Writer only.
    public func intern(_ string: String) -> UInt32 {
        var string = string
        return string.withUTF8 { intern(UnsafeRawBufferPointer($0)) }
    }

    /// The number of `bytes`, or `nil` if it was never interned.
    public func find(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        // SAFETY: slot tables live as long as `self`.
        let slots = Unmanaged<Slots>.fromOpaque(current.load(ordering: .acquiring)).takeUnretainedValue()
        return probe(slots, bytes, hash(of: bytes)).number
    }

    public func find(_ string: String) -> UInt32? {
        var string = string
        return string.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }

    /// The bytes of a number that was published to the caller.
    public func bytes(of number: UInt32) -> UnsafeRawBufferPointer {
        let entry = entries[Int(number)]
        return UnsafeRawBufferPointer(start: entry.bytes, count: Int(entry.count))
    }

    /// The bytes as a string; what is not UTF-8 is repaired.
    public func string(of number: UInt32) -> String {
        String(decoding: bytes(of: number), as: UTF8.self)
    }

    private func probe(_ slots: Slots, _ bytes: UnsafeRawBufferPointer, _ hash: UInt32) -> (number: UInt32?, slot: Int) {
        var slot = Int(hash) & slots.mask
        while true {
            let value = slots.slots[slot].load(ordering: .acquiring)
            guard value != 0 else { return (nil, slot) }
            let entry = entries[Int(value - 1)]
            if entry.hash == hash, Int(entry.count) == bytes.count, Self.equal(entry.bytes, bytes) { return (value - 1, slot) }
            slot = (slot + 1) & slots.mask
        }
    }

    private func grow() {
        let larger = Slots(capacity: (tables[tables.count - 1].mask + 1) * 2)
        for number in 0..<entries.count {
            var slot = Int(entries[number].hash) & larger.mask
            while larger.slots[slot].load(ordering: .relaxed) != 0 { slot = (slot + 1) & larger.mask }
            larger.slots[slot].store(UInt32(number) + 1, ordering: .relaxed)
        }
        tables.append(larger)
        current.store(UnsafeRawPointer(Unmanaged.passUnretained(larger).toOpaque()), ordering: .releasing)
    }

    private static func equal(_ stored: UnsafeRawPointer, _ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.isEmpty || memcmp(stored, bytes.baseAddress!, bytes.count) == 0
    }

    private func hash(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(bytes: bytes)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }
}
