/// What a checkpoint remembers of a file to know it again: its length, and a hash of its first mebibyte and last 64 KiB.
///
/// The hash is FNV-1a with 64 bits: it tells changed files apart, it does not resist someone who wants them to look equal.
public struct SourceFingerprint: Equatable, Sendable {
    public let byteCount: Int
    public let hash: UInt64

    private static let headBytes = 1 << 20
    private static let tailBytes = 1 << 16

    public init(byteCount: Int, hash: UInt64) {
        self.byteCount = byteCount
        self.hash = hash
    }

    public init(of source: some ByteSource) throws(ClientError) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let head = min(source.byteCount, Self.headBytes)
        let tail = min(source.byteCount, Self.tailBytes)
        for part in [try source.bytes(at: 0, count: head), try source.bytes(at: source.byteCount - tail, count: tail)] {
            for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        byteCount = source.byteCount
        self.hash = hash
    }

    var json: JSONValue {
        .object(JSONObject([.init("bytes", .integer(Int64(byteCount))), .init("hash", .string(String(hash, radix: 16)))]))
    }

    init?(json: JSONValue?) {
        guard let object = json?.object, let byteCount = object["bytes"]?.integer,
            let hash = object["hash"]?.string.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        self.init(byteCount: byteCount, hash: hash)
    }
}
