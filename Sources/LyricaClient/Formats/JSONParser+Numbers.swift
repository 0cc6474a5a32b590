extension JSONParser {
    /// Powers of ten that a double holds exactly.
    private static let exactPowersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { position += 1 }
        if isNegative, current == UInt8(ascii: "I") { return try word("Infinity", .number(-.infinity)) }

        var mantissa: UInt64? = 0
        let wholeDigits = try digits(into: &mantissa)
        guard wholeDigits == 1 || bytes[position - wholeDigits] != UInt8(ascii: "0") else { throw error("a number with a leading zero") }
        var isInteger = true
        var exponent = 0
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            exponent -= try digits(into: &mantissa)
        }
        if let byte = current, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            exponent += try exponentPart()
        }
        if isInteger, let mantissa {
            if let value = Int64(exactly: mantissa) { return .integer(isNegative ? -value : value) }
            if isNegative, mantissa == Int64.min.magnitude { return .integer(.min) }
        }
        return .number(try double(from: start, mantissa: mantissa, exponent: exponent, isNegative: isNegative))
    }

    /// Reads one or more digits; `mantissa` becomes `nil` once it no longer fits.
    private mutating func digits(into mantissa: inout UInt64?) throws(JSONSyntaxError) -> Int {
        let start = position
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            if let value = mantissa {
                let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                mantissa = overflow || carry ? nil : sum
            }
            position += 1
        }
        guard position > start else { throw error(start == bytes.count ? "the text ends inside a number" : "unexpected character") }
        return position - start
    }

    private mutating func exponentPart() throws(JSONSyntaxError) -> Int {
        let isNegative = current == UInt8(ascii: "-")
        if isNegative || current == UInt8(ascii: "+") { position += 1 }
        var magnitude: UInt64? = 0
        _ = try digits(into: &magnitude)
        // Anything past a hundred thousand is zero or infinity whatever the mantissa; the slow path decides which.
        let bounded = Int(min(magnitude ?? 100_000, 100_000))
        return isNegative ? -bounded : bounded
    }

    /// Exact by one multiplication or division when mantissa and power of ten are exact doubles (Clinger 1990, 10.1145/93542.93557), else by the library.
    private func double(from start: Int, mantissa: UInt64?, exponent: Int, isNegative: Bool) throws(JSONSyntaxError) -> Double {
        if let mantissa, mantissa <= 1 << 53, abs(exponent) <= 22 {
            let scale = Self.exactPowersOfTen[abs(exponent)]
            let magnitude = exponent < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
            return isNegative ? -magnitude : magnitude
        }
        guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw error("not a number")
        }
        guard value.isFinite else { throw JSONSyntaxError(byteOffset: start, problem: "a number too large for 64-bit floating point") }
        return value
    }
}
