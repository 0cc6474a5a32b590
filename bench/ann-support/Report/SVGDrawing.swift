/// Builds an SVG picture of lines, circles and texts. Mid-tones on no background: it can be read on white and on black pages.
struct SVGDrawing {
    /// Horizontal place of a text relative to its point.
    enum Anchor: String {
        case start, middle, end
    }

    private let width: Int
    private let height: Int
    private var elements: [String] = []

    /// Of texts and axes.
    static let ink = "#7d8590"

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// - Parameter opacity: small for what stands in the background.
    mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), opacity: Double = 1) {
        elements.append(
            "<line x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\" x2=\"\(Self.number(to.x))\" y2=\"\(Self.number(to.y))\" "
                + "stroke=\"\(Self.ink)\" stroke-opacity=\"\(Self.number(opacity))\"/>")
    }

    /// A line through all of the points.
    mutating func path(_ points: [(x: Double, y: Double)], color: String) {
        let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        elements.append("<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\"/>")
    }

    /// - Parameter title: shown when the pointer rests on it.
    mutating func dot(_ center: (x: Double, y: Double), radius: Double, color: String, opacity: Double, title: String) {
        elements.append(
            "<circle cx=\"\(Self.number(center.x))\" cy=\"\(Self.number(center.y))\" r=\"\(Self.number(radius))\" fill=\"\(color)\" "
                + "fill-opacity=\"\(Self.number(opacity))\"><title>\(Self.escaped(title))</title></circle>")
    }

    mutating func text(_ text: String, at point: (x: Double, y: Double), anchor: Anchor = .start, size: Int = 12, turned: Bool = false) {
        let turn = turned ? " transform=\"rotate(-90 \(Self.number(point.x)) \(Self.number(point.y)))\"" : ""
        elements.append(
            "<text x=\"\(Self.number(point.x))\" y=\"\(Self.number(point.y))\" text-anchor=\"\(anchor.rawValue)\" font-size=\"\(size)\" "
                + "fill=\"\(Self.ink)\"\(turn)>\(Self.escaped(text))</text>")
    }

    /// The whole picture.
    var source: String {
        let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
            + "font-family=\"system-ui, sans-serif\">"
        return ([head] + elements + ["</svg>", ""]).joined(separator: "\n")
    }

    /// At most so many decimals.
    static func number(_ value: Double, decimals: Int = 2) -> String {
        guard value.isFinite else { return "0" }
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? String(Int(rounded)) : rounded.description
    }

    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            // Not allowed in XML at all.
            case _ where scalar.value < 0x20: output += " "
            case _: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
