/// Cuts a stream of bytes into lines.
public struct LineSplitter {
    /// No line of the protocol is longer.
    public static let lineBytesMax = 64 << 20

    private var rest: [UInt8] = []

    public init() {}

    /// Takes the next bytes and gives out the lines that they complete, without line ends; empty ones are left out.
    /// - Throws: `ClientError.unexpectedReply` for a line that does not end; what `onLine` throws.
    public mutating func append(_ bytes: some Collection<UInt8>, onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) throws(ClientError) {
        let searched = rest.count
        rest.append(contentsOf: bytes)
        var start = rest.startIndex
        var search = searched
        while let end = rest[search...].firstIndex(of: UInt8(ascii: "\n")) {
            if end > start { try onLine(rest[start..<end]) }
            start = end + 1
            search = start
        }
        rest.removeSubrange(..<start)
        guard rest.count <= Self.lineBytesMax else { throw .unexpectedReply("a line of more than \(Self.lineBytesMax >> 20) MiB") }
    }

    /// Gives out what follows the last line end.
    public mutating func finish(onLine: (ArraySlice<UInt8>) throws(ClientError) -> Void) throws(ClientError) {
        if !rest.isEmpty { try onLine(rest[...]) }
        rest = []
    }
}
