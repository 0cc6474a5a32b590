internal import ByteCoding

/// The last member of an archive: a line for each other member, in their order, and one that vouches for these.
///
/// A line is the CRC-32C of the contents in eight hexadecimal digits, a space, the length, a space, and the name. The last line is the CRC-32C
/// of the lines before it, a space, how many they are, and ` members`.
enum TarChecksums {
    struct Line: Hashable {
        let name: String
        let bytes: Int
        let checksum: UInt32
    }

    static func encode(_ lines: [Line]) -> ByteBlock {
        var writer = ByteWriter()
        for line in lines { put("\(digits(line.checksum)) \(line.bytes) \(line.name)\n", to: &writer) }
        let checksum = writer.withUnsafeBytes { crc32c($0) }
        put("\(digits(checksum)) \(lines.count) members\n", to: &writer)
        return writer.finish()
    }

    /// Reads the member back; nil if it is not what `encode` makes.
    static func decode(_ bytes: [UInt8]) -> [Line]? {
        guard let text = String(validating: bytes, as: UTF8.self), text.utf8.last == UInt8(ascii: "\n") else { return nil }
        var lines: [Line] = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let checksum = UInt32(fields[0], radix: 16), let count = Int(fields[1]), count >= 0 else { return nil }
            lines.append(Line(name: String(fields[2]), bytes: count, checksum: checksum))
        }
        // Compared whole, so that neither a byte nor a way of writing it goes unchecked; the last line has the checksum.
        return encode(lines).withUnsafeBytes({ $0.elementsEqual(bytes) }) ? lines : nil
    }

    private static func put(_ text: String, to writer: inout ByteWriter) {
        Array(text.utf8).withUnsafeBytes { writer.append(contentsOf: $0) }
    }

    private static func digits(_ value: UInt32) -> String { String(hexadecimal(value).dropFirst(2)) }
}
