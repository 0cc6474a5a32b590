public import VectorModel

/// The patterns of SQL's `LIKE`: `%` stands for any characters or none, `_` for one, and a backslash takes the character after it as it is.
public enum LikePattern {
    /// The same pattern in RE2 syntax, for the whole text.
    /// - Parameter field: the part of the request that the pattern stands in, for errors.
    /// - Throws: `invalid` when the pattern ends with a backslash that stands for nothing, or is too long.
    public static func regularExpression(_ pattern: String, field: String, limits: Limits = .standard) throws(RequestError) -> String {
        let length = pattern.utf8.count
        guard length <= limits.patternBytes else {
            throw .invalid(field, "the pattern has \(length) bytes; the limit is \(limits.patternBytes)")
        }
        var expression = #"(?s)\A"#
        var isEscaped = false
        for character in pattern.unicodeScalars {
            if isEscaped {
                expression += quoted(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "%" {
                expression += ".*"
            } else if character == "_" {
                expression += "."
            } else {
                expression += quoted(character)
            }
        }
        guard !isEscaped else { throw .invalid(field, "the pattern ends with a backslash that escapes nothing") }
        return expression + #"\z"#
    }

    /// A pattern in RE2 syntax for the texts that begin with `prefix`.
    public static func regularExpression(prefix: String) -> String {
        #"\A"# + prefix.unicodeScalars.map(quoted).joined()
    }

    /// One character that stands for itself in RE2 syntax.
    private static func quoted(_ character: Unicode.Scalar) -> String {
        // RE2 reads a backslash before any ASCII sign that is no letter or digit as that sign; NUL has no such form.
        guard character.isASCII, character.value != 0 else { return character.value == 0 ? #"\x00"# : String(character) }
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "_": return String(character)
        default: return character.value < 0x20 || character.value == 0x7F ? String(character) : "\\" + String(character)
        }
    }
}
