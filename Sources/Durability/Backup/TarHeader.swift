/// What stands before a member of an archive. All else that a header has room for is the same in all of ours.
struct TarHeader: Hashable {
    /// Usable, as `TarFormat` says.
    let name: String
    let bytes: Int
    /// Seconds since 1970, UTC; from 0.
    let modified: Int

    /// The 512 bytes of the header.
    func encoded() -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarFormat.blockBytes)
        func put(_ bytes: some Collection<UInt8>, _ field: TarFormat.HeaderField) {
            precondition(bytes.count <= field.bytes, "the field \(field) is too short")
            block.replaceSubrange(field.rawValue..<field.rawValue + bytes.count, with: bytes)
        }
        guard let parts = TarFormat.split(name) else { preconditionFailure("a name that was not checked") }
        put(parts.name, .name)
        put(parts.prefix, .prefix)
        put(Self.octal(0o640, digits: 7), .mode)
        put(Self.octal(0, digits: 7), .uid)
        put(Self.octal(0, digits: 7), .gid)
        put(Self.number(bytes), .size)
        put(Self.number(modified), .mtime)
        put("0".utf8, .typeflag)
        put("ustar".utf8, .magic)
        put("00".utf8, .version)
        put(Self.octal(0, digits: 7), .devmajor)
        put(Self.octal(0, digits: 7), .devminor)
        // The sum counts its own field as spaces, and ends with a zero and a space.
        put(repeatElement(UInt8(ascii: " "), count: TarFormat.HeaderField.chksum.bytes), .chksum)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, digits: 6) + [0], .chksum)
        return block
    }

    /// Reads a header; nil if it is not exactly what `encoded()` makes of its name, size and time. So no byte of it goes unchecked.
    init?(decoding block: [UInt8]) {
        func field(_ field: TarFormat.HeaderField) -> ArraySlice<UInt8> { block[field.rawValue..<field.rawValue + field.bytes] }
        guard block.count == TarFormat.blockBytes, let bytes = Self.value(field(.size)), let modified = Self.value(field(.mtime)) else { return nil }
        let (prefix, name) = (field(.prefix).prefix { $0 != 0 }, field(.name).prefix { $0 != 0 })
        let whole = prefix.isEmpty ? Array(name) : Array(prefix) + [UInt8(ascii: "/")] + Array(name)
        guard let text = String(validating: whole, as: UTF8.self), TarFormat.isUsable(text) else { return nil }
        self.init(name: text, bytes: bytes, modified: modified)
        guard encoded() == block else { return nil }
    }

    init(name: String, bytes: Int, modified: Int) {
        self.name = name
        self.bytes = bytes
        self.modified = modified
    }

    /// Octal digits and a zero; past 8 GiB a byte 128 and 11 bytes of the number, highest first.
    private static func number(_ value: Int) -> [UInt8] {
        guard value > TarFormat.octalSizeMax else { return octal(value, digits: 11) }
        return [0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }

    private static func octal(_ value: Int, digits: Int) -> [UInt8] {
        let text = Array(String(value, radix: 8).utf8)
        return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count) + text + [0]
    }

    private static func value(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            let value = field.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        guard let text = String(validating: field.dropLast(), as: UTF8.self), let value = Int(text, radix: 8), value >= 0 else { return nil }
        return value
    }
}
