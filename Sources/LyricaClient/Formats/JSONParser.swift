/// Why bytes are not JSON, and where.
public struct JSONSyntaxError: Error, Equatable, Sendable {
    /// From the start of the text, counted from 0.
    public let byteOffset: Int
    public let problem: String

    public var message: String { "\(problem) at byte \(byteOffset)" }
}

/// Reads one JSON text (RFC 8259): strict UTF-8, no lone surrogates, nothing after the value, bounded nesting.
///
/// One deliberate addition: the words `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes, are read as numbers,
/// so that whoever checks the value can say which field holds them. Cost: linear in the bytes.
public struct JSONParser {
    /// Deeper texts are refused: no value of the protocol or of an ingested file is meant to nest further, and the parser recurses.
    public static let depthMax = 256

    let bytes: [UInt8]
    var position = 0

    /// - Throws: `JSONSyntaxError` with the offset of the first byte that cannot be.
    public static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("unexpected text after the value") }
        return value
    }

    /// The same for a text in memory, such as an argument.
    public static func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func error(_ problem: String) -> JSONSyntaxError {
        JSONSyntaxError(byteOffset: position, problem: problem)
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.depthMax else { throw error("nested deeper than \(Self.depthMax) levels") }
        skipSpace()
        switch current {
        case nil: throw error("the text ends where a value should be")
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "N"): return try word("NaN", .number(.nan))
        case UInt8(ascii: "I"): return try word("Infinity", .number(.infinity))
        default: return try number()
        }
    }

    mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        let expected = Array(text.description.utf8)
        guard bytes.count - position >= expected.count, bytes[position..<position + expected.count].elementsEqual(expected) else {
            throw error("unknown word")
        }
        position += expected.count
        return value
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            elements.append(try value(depth: depth + 1))
            guard try continues(until: UInt8(ascii: "]"), in: "an array") else { return elements }
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        position += 1
        var members = JSONObject()
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw error("an object's key must be a string") }
            let key = try string()
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("expected a colon after a key") }
            position += 1
            members.append(key, try value(depth: depth + 1))
            guard try continues(until: UInt8(ascii: "}"), in: "an object") else { return members }
        }
    }

    /// Reads the comma (true) or the closing bracket (false) after an element.
    private mutating func continues(until close: UInt8, in container: StaticString) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard let byte = current, byte == UInt8(ascii: ",") || byte == close else {
            throw error("expected a comma or the end of \(container)")
        }
        position += 1
        return byte != close
    }
}
