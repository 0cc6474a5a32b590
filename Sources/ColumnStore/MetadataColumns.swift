public import VectorModel

/// What kind of value a metadata entry holds. Scalars come first, arrays of them in the same order, then what is neither.
public enum MetadataKind: UInt32, BitwiseCopyable, Sendable {
    case string, integer, float, boolean
    case strings, integers, floats, booleans
    case sparse

    /// An entry's bits are the value itself; otherwise they say where its words are (`MetadataEntry.elements`).
    @inlinable public var isScalar: Bool { rawValue < MetadataKind.strings.rawValue }

    /// An array of scalars.
    @inlinable public var isArray: Bool { !isScalar && rawValue <= MetadataKind.booleans.rawValue }

    /// The kind of an array's elements; a scalar's own kind.
    @inlinable public var elementKind: MetadataKind { isArray ? MetadataKind(rawValue: rawValue - 4).unsafelyUnwrapped : self }
}

/// One key and value of one record, 16 bytes: the key's number, the kind, and the value's bits.
///
/// Bits: a string's number; an integer or float as it is; 0 or 1; for an array the address of its element count followed by the elements' bits;
/// for a sparse vector the address of a count of words followed by the words, see `SparseWords`.
public struct MetadataEntry: BitwiseCopyable, Sendable {
    public let key: UInt32
    public let kind: MetadataKind
    public let bits: UInt64

    @inlinable
    public init(key: UInt32, kind: MetadataKind, bits: UInt64) {
        self.key = key
        self.kind = kind
        self.bits = bits
    }

    /// The elements' bits of an array entry, the words of a sparse vector.
    @inlinable
    public var elements: UnsafeBufferPointer<UInt64> {
        // SAFETY: such entries are only made by those who store this address there, and whose memory outlives the readers.
        let base = UnsafePointer<UInt64>(bitPattern: UInt(bits)).unsafelyUnwrapped
        return UnsafeBufferPointer(start: base + 1, count: Int(base.pointee))
    }
}

/// The typed metadata of a memtable's records: keys and strings as numbers, entries packed record after record.
///
/// Rows rather than a column per key, so that ten thousand rare keys cost what they hold and nothing else; a scan touches 16 bytes per key of a record.
/// Isolation as `StableArray`: one writer, readers of what was published.
public final class MetadataColumns: Sendable {
    public let keys = StringTable()
    public let strings = StringTable()
    private let arena = ByteArena()

    public init() {}

    public var usedBytes: Int { arena.usedBytes }

    /// Stores the fields that have a value and returns their entries, in the order given. Writer only.
    public func encode(_ metadata: Metadata) -> UnsafeBufferPointer<MetadataEntry> {
        let present = metadata.fields.count { $0.value != nil }
        guard present > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let entries = arena.allocate(present * MemoryLayout<MetadataEntry>.stride).bindMemory(to: MetadataEntry.self, capacity: present)
        var index = 0
        for field in metadata.fields {
            guard let value = field.value else { continue }
            (entries + index).initialize(to: entry(key: keys.intern(field.key), value))
            index += 1
        }
        return UnsafeBufferPointer(start: entries, count: present)
    }

    /// The metadata that `entries` hold.
    public func decode(_ entries: UnsafeBufferPointer<MetadataEntry>) -> Metadata {
        Metadata(fields: entries.map { MetadataField(key: keys.string(of: $0.key), value: value(of: $0)) })
    }

    /// The value of one entry.
    public func value(of entry: MetadataEntry) -> MetadataValue {
        switch entry.kind {
        case .string: .string(string(entry.bits))
        case .integer: .integer(Int64(bitPattern: entry.bits))
        case .float: .float(Double(bitPattern: entry.bits))
        case .boolean: .boolean(entry.bits != 0)
        case .strings: .strings(entry.elements.map { string($0) })
        case .integers: .integers(entry.elements.map { Int64(bitPattern: $0) })
        case .floats: .floats(entry.elements.map { Double(bitPattern: $0) })
        case .booleans: .booleans(entry.elements.map { $0 != 0 })
        case .sparse: .sparse(SparseWords(encoded: entry.elements).vector { string($0) })
        }
    }

    private func string(_ bits: UInt64) -> String { strings.string(of: UInt32(truncatingIfNeeded: bits)) }

    private func entry(key: UInt32, _ value: MetadataValue) -> MetadataEntry {
        switch value {
        case .string(let string): MetadataEntry(key: key, kind: .string, bits: UInt64(strings.intern(string)))
        case .integer(let integer): MetadataEntry(key: key, kind: .integer, bits: UInt64(bitPattern: integer))
        case .float(let float): MetadataEntry(key: key, kind: .float, bits: float.bitPattern)
        case .boolean(let boolean): MetadataEntry(key: key, kind: .boolean, bits: boolean ? 1 : 0)
        case .strings(let elements): array(key, .strings, elements.map { UInt64(strings.intern($0)) })
        case .integers(let elements): array(key, .integers, elements.map { UInt64(bitPattern: $0) })
        case .floats(let elements): array(key, .floats, elements.map(\.bitPattern))
        case .booleans(let elements): array(key, .booleans, elements.map { $0 ? 1 : 0 })
        case .sparse(let vector): array(key, .sparse, SparseWords.words(of: vector) { UInt64(strings.intern($0)) })
        }
    }

    private func array(_ key: UInt32, _ kind: MetadataKind, _ elements: [UInt64]) -> MetadataEntry {
        let place = arena.allocate((elements.count + 1) * 8).bindMemory(to: UInt64.self, capacity: elements.count + 1)
        place.initialize(to: UInt64(elements.count))
        for (index, bits) in elements.enumerated() { (place + 1 + index).initialize(to: bits) }
        return MetadataEntry(key: key, kind: kind, bits: UInt64(UInt(bitPattern: place)))
    }
}
