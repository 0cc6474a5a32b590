extension JSONParser {
    /// Reads a string at its opening quote.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw error("a control character inside a string must be escaped") }
            position += 1
        }
        // Most strings have no escapes and are taken whole.
        guard current == UInt8(ascii: "\\") else { return try finishString(utf8: bytes[start..<position], startingAt: start) }
        return try escapedString(startingAt: start)
    }

    private mutating func escapedString(startingAt start: Int) throws(JSONSyntaxError) -> String {
        var utf8 = bytes[start..<position]
        while let byte = current, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                try appendEscape(to: &utf8)
            } else {
                guard byte >= 0x20 else { throw error("a control character inside a string must be escaped") }
                utf8.append(byte)
                position += 1
            }
        }
        return try finishString(utf8: utf8, startingAt: start)
    }

    private mutating func finishString(utf8: ArraySlice<UInt8>, startingAt start: Int) throws(JSONSyntaxError) -> String {
        guard current != nil else { throw error("the text ends inside a string") }
        position += 1
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSONSyntaxError(byteOffset: start, problem: "a string that is not valid UTF-8")
        }
        return text
    }

    private mutating func appendEscape(to utf8: inout ArraySlice<UInt8>) throws(JSONSyntaxError) {
        position += 1
        guard let kind = current else { throw error("the text ends inside a string") }
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(kind)
        case UInt8(ascii: "b"): utf8.append(0x08)
        case UInt8(ascii: "f"): utf8.append(0x0C)
        case UInt8(ascii: "n"): utf8.append(0x0A)
        case UInt8(ascii: "r"): utf8.append(0x0D)
        case UInt8(ascii: "t"): utf8.append(0x09)
        case UInt8(ascii: "u"):
            utf8.append(contentsOf: String(Character(try escapedScalar())).utf8)
            return
        default: throw error("unknown escape")
        }
        position += 1
    }

    /// Reads `uXXXX`, and the second half of a surrogate pair if the first is one; ends after the last digit.
    private mutating func escapedScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(UInt16(first)), current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error("half of a surrogate pair") }
        position += 1
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(UInt16(second)) else { throw error("half of a surrogate pair") }
        let value = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw error("half of a surrogate pair") }
        return scalar
    }

    /// Reads the `u` and four hexadecimal digits.
    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
        position += 1
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("expected four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
