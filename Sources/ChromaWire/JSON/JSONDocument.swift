import CJSON

/// Why a text is not JSON that this server reads.
enum JSONFailure: Error {
    case tooLarge
    case tooManyValues
    case tooDeep
    case invalidUTF8
    case invalidNumber
    case invalidString
    case unexpectedEnd
    case syntax

    init?(_ status: CJSONStatus, hasText: Bool) {
        switch status {
        case CJSON_OK: return nil
        case CJSON_TOO_LARGE, CJSON_OUT_OF_MEMORY: self = .tooLarge
        case CJSON_TOO_DEEP: self = .tooDeep
        case CJSON_INVALID_UTF8: self = .invalidUTF8
        case CJSON_INVALID_NUMBER: self = .invalidNumber
        case CJSON_INVALID_STRING: self = .invalidString
        case CJSON_EMPTY, CJSON_INCOMPLETE: self = .unexpectedEnd
        default: self = hasText ? .syntax : .unexpectedEnd
        }
    }

    var description: String {
        switch self {
        case .tooLarge: "the text is too large"
        case .tooManyValues: "more than \(JSONDocument.denseValuesMax) values of less than \(JSONDocument.denseValueBytes) bytes; send smaller batches"
        case .tooDeep: "recursion limit exceeded: more than \(JSONParserPool.depthMax) levels"
        case .invalidUTF8: "invalid unicode code point"
        case .invalidNumber: "number out of range or invalid number"
        case .invalidString: "invalid escape or control character found while parsing a string"
        case .unexpectedEnd: "EOF while parsing a value"
        case .syntax: "expected value"
        }
    }
}

/// Reading a JSON text: values exist only while `body` runs.
///
/// The parser's tables take some 24 bytes for each value, whatever its own length, so a body of `1,1,1,…` would take twelve times its size.
/// Large texts of tiny values are refused: with that, a text of the largest size takes about four times its size.
enum JSONDocument {
    /// Values that any text may have.
    static let denseValuesMax = 32 << 20
    /// Bytes per value, on average, in texts that have more of them. Vectors as clients write them have 8 to 21.
    static let denseValueBytes = 8

    static func read<R>(_ text: RequestBody, _ body: (JSONValue) throws(WireError) -> R, failing: (JSONFailure) -> WireError) throws(WireError) -> R {
        guard !hasTooManyValues(text) else { throw failing(.tooManyValues) }
        return try JSONParserPool.shared.withParser { parser throws(WireError) in
            var root = CJSONElement()
            var status = parse(text, with: parser, &root)
            if status == CJSON_INVALID_NUMBER, let rewritten = OversizedIntegers.rewritten(text) {
                status = parse(rewritten, with: parser, &root)
            }
            if let failure = JSONFailure(status, hasText: text.count > 0) { throw failing(failure) }
            return try body(JSONValue(root))
        }
    }

    private static func hasTooManyValues(_ text: RequestBody) -> Bool {
        let allowed = max(denseValuesMax, text.count / denseValueBytes)
        guard text.count > allowed else { return false }
        return withExtendedLifetime(text) {
            cjson_value_bound(text.text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) > allowed
        }
    }

    private static func parse(_ text: RequestBody, with parser: OpaquePointer, _ root: inout CJSONElement) -> CJSONStatus {
        withExtendedLifetime(text) {
            cjson_parse(parser, text.text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, &root)
        }
    }
}

/// Integers beyond 64 bits are floats to Chroma; the parser refuses them. This writes them as floats, for the rare text that has one.
enum OversizedIntegers {
    /// Digits that always fit in 64 bits.
    private static let safeDigits = 18

    /// The text with `.0` behind every long integer; `nil` when there is none.
    static func rewritten(_ body: RequestBody) -> RequestBody? {
        var output: [UInt8] = []
        var found = false
        withExtendedLifetime(body) {
            let text = body.text
            output.reserveCapacity(text.count + 64)
            var place = 0
            while place < text.count {
                let byte = text[place]
                if byte == UInt8(ascii: "\"") {
                    let end = endOfString(text, place)
                    output.append(contentsOf: text[place..<end])
                    place = end
                } else if isDigit(byte) {
                    var end = place
                    while end < text.count, isNumberByte(text[end]) { end += 1 }
                    let number = text[place..<end]
                    output.append(contentsOf: number)
                    if number.count > safeDigits, number.allSatisfy(isDigit) {
                        output.append(contentsOf: ".0".utf8)
                        found = true
                    }
                    place = end
                } else {
                    output.append(byte)
                    place += 1
                }
            }
        }
        return found ? RequestBody(output) : nil
    }

    private static func endOfString(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var place = start + 1
        while place < text.count, text[place] != UInt8(ascii: "\"") {
            place += text[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(place + 1, text.count)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
}
