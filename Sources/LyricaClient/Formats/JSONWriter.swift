/// Appends JSON to bytes. Numbers are written with the fewest digits that read back as the same value.
public enum JSONWriter {
    public static func append(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: value.description.utf8)
        case .number(let value): append(value, to: &output)
        case .string(let value): append(value, to: &output)
        case .array(let elements):
            appendList(elements, to: &output) { append($0, to: &$1) }
        case .object(let object):
            append(object, to: &output)
        }
    }

    public static func append(_ object: JSONObject, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(member.key, to: &output)
            output.append(UInt8(ascii: ":"))
            append(member.value, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Writes `[`, the elements as `element` writes them, and `]`.
    public static func appendList<Elements: Sequence>(
        _ elements: Elements, to output: inout [UInt8], element: (Elements.Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for each in elements {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            element(each, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// NaN and infinities have no JSON form and are written as `null`.
    public static func append<Number: BinaryFloatingPoint & CustomStringConvertible>(_ value: Number, to output: inout [UInt8]) {
        output.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    public static func append(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20: output.append(contentsOf: escape(byte).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> String {
        (byte < 0x10 ? #"\u000"# : #"\u00"#) + String(byte, radix: 16)
    }
}

extension JSONValue {
    /// The value as one line of JSON.
    public var jsonText: String {
        var output: [UInt8] = []
        JSONWriter.append(self, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
