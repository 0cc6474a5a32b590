/// The path and query of a request line, cut into parts but not decoded yet.
public struct RequestTarget: Sendable {
    /// The parts of the path between slashes. One slash at the end is not a part: `/api/v1/collections/` is `/api/v1/collections`.
    public let segments: [Substring]
    public let query: QueryParameters

    /// - Parameter text: the target as sent, `/path?query`.
    public init(_ text: String) {
        let bytes = text.utf8
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        query = QueryParameters(mark.map { text[bytes.index(after: $0)...] } ?? "")
        var path = text[..<(mark ?? text.endIndex)].utf8
        if path.first == UInt8(ascii: "/") { path = path.dropFirst() }
        if path.last == UInt8(ascii: "/") { path = path.dropLast() }
        segments = path.isEmpty ? [] : path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
    }
}

/// The parameters after the question mark, looked up by name in the text itself: most requests have none.
public struct QueryParameters: Sendable {
    private let text: Substring

    public init(_ text: Substring) {
        self.text = text
    }

    /// The decoded value of the first parameter of this name; `nil` when there is none. A name without `=` has the empty value.
    /// A value whose decoded bytes are not UTF-8 is repaired with U+FFFD: it then names nothing that exists.
    public subscript(name: String) -> String? {
        guard !text.isEmpty else { return nil }
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sign = pair.firstIndex(of: UInt8(ascii: "="))
            guard Substring(pair[..<(sign ?? pair.endIndex)]) == name else { continue }
            guard let sign else { return "" }
            let value = pair[pair.index(after: sign)...]
            return String(decoding: PercentEncoding.decodedBytes(value, plusIsSpace: true), as: UTF8.self)
        }
        return nil
    }
}

/// Percent-encoding as URLs use it (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// The text that `encoded` stands for; `nil` when its bytes are not UTF-8. A percent sign without two hexadecimal digits stands for itself.
    public static func decode(_ encoded: Substring) -> String? {
        guard encoded.utf8.contains(UInt8(ascii: "%")) else { return String(encoded) }
        return String(validating: decodedBytes(encoded.utf8, plusIsSpace: false), as: UTF8.self)
    }

    static func decodedBytes(_ encoded: Substring.UTF8View, plusIsSpace: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var position = encoded.startIndex
        while position < encoded.endIndex {
            let byte = encoded[position]
            if byte == UInt8(ascii: "%"), let value = hexadecimalPair(encoded[encoded.index(after: position)...].prefix(2)) {
                bytes.append(value)
                position = encoded.index(position, offsetBy: 3)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                position = encoded.index(after: position)
            }
        }
        return bytes
    }

    private static func hexadecimalPair(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, let high = digits.first.flatMap(hexadecimalDigit), let low = digits.last.flatMap(hexadecimalDigit) else { return nil }
        return high << 4 | low
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
