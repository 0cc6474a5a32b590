/// Text as a terminal shows it: how wide it is, how it is cut, and made harmless.
public enum TerminalText {
    /// Control characters, escape sequences' beginnings among them, become spaces, so that stored text cannot steer the terminal; runs of
    /// white space become one space, so that a record stays on its line.
    public static func printable(_ text: some StringProtocol) -> String {
        var output = String.UnicodeScalarView()
        var lastWasSpace = true
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace || isHidden(scalar)
            if !isSpace {
                output.append(scalar)
            } else if !lastWasSpace {
                output.append(" ")
            }
            lastWasSpace = isSpace
        }
        if output.last == " " { output.removeLast() }
        return String(output)
    }

    /// Controls (Cc), and the marks that reorder a line for the eye.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: scalar.properties.generalCategory == .control
        }
    }

    /// The number of columns that a text takes: two for East Asian wide characters and emoji, none for marks that combine with the one before.
    public static func columns(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// Cuts a text that is wider than `columnsMax`, with an ellipsis in its last column; 0 or less gives nothing.
    public static func cut(_ text: String, columnsMax: Int) -> String {
        guard columnsMax > 0 else { return "" }
        var width = 0
        var shown = text.startIndex
        for index in text.indices {
            width += columns(text[index])
            if width > columnsMax { return text[..<shown] + "…" }
            // The last index up to which an ellipsis still fits.
            if width < columnsMax { shown = text.index(after: index) }
        }
        return text
    }

    /// Fills up with spaces on one side.
    public static func padded(_ text: String, columns wanted: Int, alignsRight: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, wanted - columns(text)))
        return alignsRight ? spaces + text : text + spaces
    }

    private static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return 1 }
        if first.properties.isEmojiPresentation { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(first.value) ? 2 : 1
        }
    }

    /// The blocks of Unicode's East Asian Width W and F (UAX 11), without the scattered single characters.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            true
        default:
            false
        }
    }
}
